import { silentLogger } from '@waybill/observability';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { jobId, type JobId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startErasing, type ErasingServer } from '@waybill/harness';
import { createEraser } from './eraser.ts';
import { resolverIndexes } from './indexes.ts';
import type { Resolution } from './resolution.ts';
import { collectionsOf, createResolutionStore } from './resolution-store.ts';

const logger = silentLogger();
const store = openStore({ url: sharedAddresses().mongo.url, database: uniqueName('erasing'), logger });
const collections = collectionsOf(store);
const resolutions = createResolutionStore(collections, () => new Date());
let server: ErasingServer;

beforeAll(async () => {
  await ensureIndexes(store.db, resolverIndexes);
  server = await startErasing(createEraser(collections), store.db);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await store.db.dropDatabase();
  await store.close();
});

interface Frozen {
  readonly job: JobId;
  readonly close: () => Promise<void>;
}

/** Stores a resolution in state producing, with two chunks and one of a lost claim. */
async function frozen(company: string, user: string): Promise<Frozen> {
  const job = jobId(uniqueName('job'));
  const owner = { _id: job, company_id: company, user_id: user, partition: 0, attempt: 1 };
  const claimed = await resolutions.claim(owner, new Date());
  if (claimed.kind !== 'claimed') throw new Error(`The resolution is not claimed: ${claimed.kind}.`);
  const half = await resolutions.appendChunk(claimed.resolution, ['a'], { kind: 'after', cursor: 'x' });
  const whole: Resolution = await resolutions.appendChunk(half, ['b'], { kind: 'end' });
  const lost = { _id: `${job}:1:9:0`, job_id: job, ids: ['c'], created_at: new Date() };
  await collections.chunks.insertOne(lost);
  await resolutions.storePlan(whole, [
    { name: 'id', header: `Kept for ${company}`, fieldType: 'id', source: { kind: 'property', path: '_id' } },
  ]);
  return {
    job,
    async close() {
      await resolutions.storeEnd(whole, { outcome: 'resolved', total: 2, failure: null });
      await resolutions.close(whole);
    },
  };
}

async function closed(company: string, user: string): Promise<JobId> {
  const { job, close } = await frozen(company, user);
  await close();
  return job;
}

async function everything(): Promise<string> {
  return JSON.stringify([
    await collections.resolutions.find().toArray(),
    await collections.chunks.find().toArray(),
  ]);
}

const nothing = { resolutions: 0, chunks: 0 };

describe('erasing the resolutions of a person', () => {
  it('removes their name and every chunk, and keeps those of their colleagues', async () => {
    const company = uniqueName('company');
    const [hers, his] = [await closed(company, 'ani'), await closed(company, 'budi')];
    const answer = await server.erase(company, { user_id: 'ani' });
    expect(answer.body).toMatchObject({ removed: { resolutions: 1, chunks: 3 }, remaining: nothing });
    expect(await collections.chunks.countDocuments({ job_id: hers })).toBe(0);
    expect(await collections.chunks.countDocuments({ job_id: his })).toBe(3);
    const tombstone = await collections.resolutions.findOne({ _id: hers });
    expect(tombstone).toMatchObject({ company_id: 'erased', user_id: 'erased', columns: null, chunks: [] });
  });

  it('removes a chunk that a lost claim stored after the erasure', async () => {
    const company = uniqueName('company');
    const job = await closed(company, 'ani');
    await server.erase(company, { user_id: 'ani' });
    const late = { _id: `${job}:1:8:0`, job_id: job, ids: ['d'], created_at: new Date() };
    await collections.chunks.insertOne(late);
    const repeated = await server.erase(company, { user_id: 'ani' });
    expect(repeated.body).toMatchObject({ removed: { resolutions: 0, chunks: 1 }, remaining: nothing });
    expect(await collections.chunks.countDocuments({ job_id: job })).toBe(0);
  });

  it('does not resolve a request again when it is delivered again', async () => {
    const company = uniqueName('company');
    const job = await closed(company, 'ani');
    await server.erase(company, { user_id: 'ani' });
    const again = { _id: job, company_id: company, user_id: 'ani', partition: 0, attempt: 1 };
    expect(await resolutions.claim(again, new Date())).toMatchObject({ kind: 'skip' });
  });

  it('counts an open resolution as remaining, and removes it after it is closed', async () => {
    const company = uniqueName('company');
    const { job, close } = await frozen(company, 'ani');
    const early = await server.erase(company, { user_id: 'ani' });
    expect(early.body).toMatchObject({ removed: nothing, remaining: { resolutions: 1, chunks: 0 } });
    expect(await collections.chunks.countDocuments({ job_id: job })).toBe(3);
    await close();
    const late = await server.erase(company, { user_id: 'ani' });
    expect(late.body).toMatchObject({ removed: { resolutions: 1, chunks: 3 }, remaining: nothing });
    const repeated = await server.erase(company, { user_id: 'ani' });
    expect(repeated.body).toMatchObject({ removed: nothing, remaining: nothing });
  });

  it('requires a permission of its own in that company, which an administrator does not have', async () => {
    const company = uniqueName('company');
    const job = await closed(company, 'ani');
    const others = ['contacts.export', 'contacts.export.admin'] as const;
    const refused = await server.erase(company, { user_id: 'ani' }, others);
    expect(refused).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    const stranger = await server.erase('another', { company_id: company, user_id: 'ani' });
    expect(stranger).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } });
    expect(await collections.chunks.countDocuments({ job_id: job })).toBe(3);
  });
});

describe('erasing the resolutions of a company', () => {
  it('removes everything of the company and nothing of another', async () => {
    const [company, other] = [uniqueName('company'), uniqueName('company')];
    await closed(company, 'ani');
    await closed(company, 'budi');
    const kept = await closed(other, 'ani');
    const answer = await server.erase(company, {});
    expect(answer.body).toMatchObject({ removed: { resolutions: 2, chunks: 6 }, remaining: nothing });
    expect(await everything()).not.toContain(company);
    expect(await collections.chunks.countDocuments({ job_id: kept })).toBe(3);
  });
});
