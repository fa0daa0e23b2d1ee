import { createMetrics, silentLogger } from '@waybill/observability';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { createSweeper } from '@waybill/service';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { jobId } from '@waybill/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolverIndexes } from './indexes.ts';
import { collectionsOf, createResolutionStore } from './resolution-store.ts';
import { sweepResolutions, type Swept } from './sweeper.ts';

const dayMs = 86_400_000;
const logger = silentLogger();
const nothing: Swept = { selections: 0, resolutions: 0, chunks: 0 };
const store = openStore({ url: sharedAddresses().mongo.url, database: uniqueName('sweeper'), logger });
const collections = collectionsOf(store);
const resolutions = createResolutionStore(collections, () => new Date());

beforeAll(() => ensureIndexes(store.db, resolverIndexes));
beforeEach(async () => {
  await collections.resolutions.deleteMany({});
  await collections.chunks.deleteMany({});
});
afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

async function sweepAfter(ms: number, dryRun = false): Promise<Swept | undefined> {
  const deps = { collections, recordTtlMs: 22 * dayMs, selectionTtlMs: dayMs, dryRun, logger };
  const sweeper = createSweeper({
    sweep: (run) => sweepResolutions(deps, run),
    db: store.db,
    everyMs: 60_000,
    metrics: createMetrics('test', { processMetrics: false }),
    logger,
    now: () => new Date(Date.now() + ms),
  });
  const swept = await sweeper.sweepOnce();
  await sweeper.stop();
  return swept;
}

/** Stores a resolution with two chunks, closed or open. */
async function frozen(name: string, closed: boolean): Promise<void> {
  const claimed = await resolutions.claim(
    { _id: jobId(name), company_id: 'acme', partition: 0, attempt: 1 },
    new Date(),
  );
  if (claimed.kind !== 'claimed') throw new Error(`The resolution is not claimed: ${claimed.kind}.`);
  const half = await resolutions.appendChunk(claimed.resolution, ['a'], { kind: 'after', cursor: 'x' });
  const whole = await resolutions.appendChunk(half, ['b'], { kind: 'end' });
  await resolutions.storePlan(whole, []);
  if (!closed) return;
  await resolutions.storeEnd(whole, { outcome: 'resolved', total: 2, failure: null });
  await resolutions.close(whole);
}

describe('sweepResolutions', () => {
  it('removes a frozen list a day after its job was resolved, and keeps the record', async () => {
    await frozen('done', true);
    expect(await sweepAfter(dayMs - 60_000)).toEqual(nothing);
    expect(await sweepAfter(dayMs + 60_000, true)).toEqual({ ...nothing, selections: 1 });
    expect(await sweepAfter(dayMs + 60_000)).toEqual({ ...nothing, selections: 1 });
    expect(await collections.chunks.countDocuments({})).toBe(0);
    expect(await sweepAfter(dayMs + 60_000)).toEqual(nothing);
    expect(
      await resolutions.claim(
        { _id: jobId('done'), company_id: 'acme', partition: 0, attempt: 1 },
        new Date(),
      ),
    ).toMatchObject({
      kind: 'skip',
    });
  });

  it('keeps a frozen list until its job is resolved', async () => {
    await frozen('slow', false);
    expect(await sweepAfter(10 * dayMs)).toEqual(nothing);
    expect(await collections.chunks.countDocuments({})).toBe(2);
  });

  it('removes a record after 22 days, with every chunk as old, including those of lost claims', async () => {
    await frozen('old', false);
    const orphan = { _id: 'old:1:9:0', job_id: jobId('old'), ids: ['c'], created_at: new Date() };
    await collections.chunks.insertOne(orphan);
    expect(await sweepAfter(22 * dayMs - 60_000)).toEqual(nothing);
    expect(await sweepAfter(22 * dayMs + 60_000)).toEqual({ ...nothing, resolutions: 1, chunks: 3 });
    expect(await collections.resolutions.countDocuments({})).toBe(0);
    expect(await collections.chunks.countDocuments({})).toBe(0);
  });
});

describe('ResolutionStore.claim', () => {
  it('makes every write of the claim before it fail', async () => {
    const job = { _id: jobId('fenced'), company_id: 'acme', partition: 0, attempt: 1 };
    const first = await resolutions.claim(job, new Date());
    const second = await resolutions.claim(job, new Date());
    if (first.kind !== 'claimed' || second.kind !== 'claimed') throw new Error('the job is closed');
    const lost: unknown = expect.objectContaining({ name: 'ClaimLost' });
    const end = { outcome: 'resolved', total: 0, failure: null } as const;
    await expect(resolutions.appendChunk(first.resolution, ['late'], { kind: 'end' })).rejects.toEqual(lost);
    await expect(resolutions.storePlan(first.resolution, [])).rejects.toEqual(lost);
    await expect(resolutions.storeBatch(first.resolution, { number: 1, from: 0, to: 1 })).rejects.toEqual(
      lost,
    );
    await expect(resolutions.storeEnd(first.resolution, end)).rejects.toEqual(lost);
    await expect(resolutions.close(first.resolution)).rejects.toEqual(lost);
    expect((await resolutions.appendChunk(second.resolution, ['a'], { kind: 'end' })).frozen).toBe(1);
  });

  it('assigns a different epoch to each of many concurrent claims', async () => {
    const job = { _id: jobId('raced'), company_id: 'acme', partition: 0, attempt: 1 };
    const claims = await Promise.all(Array.from({ length: 8 }, () => resolutions.claim(job, new Date())));
    const epochs = claims.map((claim) => (claim.kind === 'claimed' ? claim.resolution.epoch : 0));
    expect([...epochs].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('starts a new list for a new attempt', async () => {
    await frozen('again', true);
    const claimed = await resolutions.claim(
      { _id: jobId('again'), company_id: 'acme', partition: 0, attempt: 2 },
      new Date(),
    );
    expect(claimed).toMatchObject({ resolution: { state: 'freezing', frozen: 0, chunks: [], end: null } });
  });
});
