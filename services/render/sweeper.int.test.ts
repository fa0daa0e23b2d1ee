import { createMetrics, silentLogger } from '@waybill/observability';
import { createStorage } from '@waybill/object-storage';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storageKey } from './file/file-name.ts';
import { renderIndexes } from './indexes.ts';
import type { RenderJob } from './job/job.ts';
import { createRenderMetrics } from './metrics.ts';
import { jobsOf } from './job/job-store.ts';
import { sweepFiles, type SweeperOptions } from './sweeper.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const logger = silentLogger();
const addresses = sharedAddresses();
const store = openStore({ url: addresses.mongo.url, database: uniqueName('sweeper'), logger });
const storage = createStorage({ ...addresses.s3, logger });
const jobs = jobsOf(store);
const nothing = { files: 0, orphans: 0, uploads: 0, missing: 0, records: 0 };
let bucket = '';

beforeAll(() => ensureIndexes(store.db, renderIndexes));

beforeEach(async () => {
  await jobs.deleteMany({});
  bucket = uniqueName('sweeper');
  await storage.ensureBucket(bucket);
});

afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
  storage.close();
});

/** A sweep as it is after so much time: objects and records are made now, so the clock is moved instead. */
function sweepAfter(ms: number, change: Partial<SweeperOptions> = {}) {
  return sweepFiles({
    jobs,
    storage,
    buckets: [bucket],
    recordTtlMs: 22 * dayMs,
    dryRun: false,
    logger,
    swept: createRenderMetrics(createMetrics('test', { processMetrics: false })).swept,
    now: () => Date.now() + ms,
    ...change,
  });
}

async function object(job: string, epoch = 1): Promise<string> {
  const key = storageKey('acme', job, epoch, 'contacts.csv');
  const upload = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
  await upload.write(Buffer.from('id\r\n'));
  await upload.complete();
  return key;
}

async function record(job: string, part: Partial<RenderJob>): Promise<void> {
  const now = new Date();
  await jobs.insertOne({
    _id: job,
    company_id: 'acme',
    attempt: 1,
    epoch: 1,
    state: 'open',
    first: { topic: 'export.batches', partition: 0, offset: '0' },
    job: null,
    file: null,
    receipt: null,
    completed_at: null,
    file_removed_at: null,
    outbox: [],
    outbox_pending: false,
    created_at: now,
    updated_at: now,
    ...part,
  });
}

/** A job whose file is there for 48 hours. */
async function succeeded(job: string): Promise<string> {
  const key = await object(job);
  const file = { bucket, key, name: 'contacts.csv', content_type: 'text/csv', bytes: 4 };
  await record(job, { state: 'succeeded', file: { ...file, expires_at: Date.now() + 48 * hourMs } });
  return key;
}

async function isThere(key: string): Promise<boolean> {
  return (await storage.head({ bucket, key })) !== undefined;
}

describe('a file', () => {
  it('is kept for 48 hours and ten minutes, and then removed once', async () => {
    const key = await succeeded('kept');
    expect(await sweepAfter(48 * hourMs + 9 * 60_000)).toEqual(nothing);
    expect(await isThere(key)).toBe(true);
    expect(await sweepAfter(48 * hourMs + 11 * 60_000)).toEqual({ ...nothing, files: 1 });
    expect(await isThere(key)).toBe(false);
    expect(await sweepAfter(49 * hourMs)).toEqual(nothing);
    expect((await jobs.findOne({ _id: 'kept' }))?.file_removed_at).toBeInstanceOf(Date);
  });

  it('that is missing before its time is counted, each time, and its job is left as it is', async () => {
    const key = await succeeded('lost');
    await storage.remove({ bucket, key });
    expect(await sweepAfter(0)).toEqual({ ...nothing, missing: 1 });
    expect((await jobs.findOne({ _id: 'lost' }))?.state).toBe('succeeded');
  });
});

describe('an object without a pointer', () => {
  it('is removed after a day, when no job knows it', async () => {
    const key = await object('unknown');
    expect(await sweepAfter(dayMs - hourMs)).toEqual(nothing);
    expect(await sweepAfter(dayMs + hourMs)).toEqual({ ...nothing, orphans: 1 });
    expect(await isThere(key)).toBe(false);
  });

  it('is removed when its job succeeded with the file of another epoch, which stays', async () => {
    const pointed = await succeeded('twice');
    const loser = await object('twice', 2);
    expect(await sweepAfter(dayMs + hourMs)).toEqual({ ...nothing, orphans: 1 });
    expect([await isThere(pointed), await isThere(loser)]).toEqual([true, false]);
  });

  it('is left alone while its job is open', async () => {
    const key = await object('open');
    await record('open', { state: 'open' });
    expect(await sweepAfter(10 * dayMs)).toEqual(nothing);
    expect(await isThere(key)).toBe(true);
  });

  it('is left alone where it is not under a key of ours', async () => {
    const key = 'private/exports/readme.txt';
    const upload = storage.openUpload({ bucket, key, contentType: 'text/plain', fileName: 'readme.txt' });
    await upload.complete();
    expect(await sweepAfter(10 * dayMs)).toEqual(nothing);
    expect(await isThere(key)).toBe(true);
  });
});

describe('an upload that nobody completes', () => {
  it('is aborted after a day', async () => {
    const key = storageKey('acme', 'unfinished', 1, 'contacts.csv');
    const upload = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
    // Two parts and a bit: the multipart upload has begun, and is left as a crash leaves it.
    await upload.write(Buffer.alloc(17 * 1_048_576));
    expect(await sweepAfter(dayMs - hourMs)).toEqual(nothing);
    expect(await sweepAfter(dayMs + hourMs)).toEqual({ ...nothing, uploads: 1 });
    // A part that was still under way may bring it back, as with S3: then it goes with a later sweep.
    const isGone = async () => {
      await sweepAfter(dayMs + hourMs);
      return (await Array.fromAsync(storage.listUploads(bucket))).length === 0;
    };
    await waitFor(isGone, { limitMs: 10_000, what: 'no upload to be left' });
  });
});

describe('a record', () => {
  it('is removed after 22 days, but not while its file or an event of it is left', async () => {
    await record('failed', { state: 'failed' });
    await record('pending', { state: 'failed', outbox_pending: true });
    await succeeded('succeeded');
    expect(await sweepAfter(22 * dayMs - hourMs, { dryRun: true })).toMatchObject({ records: 0 });
    // The first sweep removes the file, and its record with it.
    expect(await sweepAfter(22 * dayMs + hourMs)).toEqual({ ...nothing, files: 1, records: 2 });
    expect((await jobs.find({}).toArray()).map(({ _id }) => _id)).toEqual(['pending']);
  });
});

describe('a dry run', () => {
  it('counts the same and removes nothing', async () => {
    const keys = [await succeeded('dry'), await object('dry-orphan')];
    const after = 49 * hourMs;
    expect(await sweepAfter(after, { dryRun: true })).toEqual({ ...nothing, files: 1, orphans: 1 });
    for (const key of keys) expect(await isThere(key)).toBe(true);
    expect(await sweepAfter(after)).toEqual({ ...nothing, files: 1, orphans: 1 });
  });
});
