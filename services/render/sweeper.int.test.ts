import { createMetrics, silentLogger } from '@waybill/observability';
import { createStorage } from '@waybill/object-storage';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jobId } from '@waybill/domain';
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

/** Sweeps as if `ms` had passed: objects and records are created now, so the clock is moved instead. */
function sweepAfter(ms: number, change: Partial<SweeperOptions> = {}) {
  return sweepFiles({
    jobs,
    storage,
    buckets: [bucket],
    recordTtlMs: 22 * dayMs,
    dryRun: false,
    logger,
    swept: createRenderMetrics(createMetrics('test', { processMetrics: false })).swept,
    now: () => new Date(Date.now() + ms),
    ...change,
  });
}

async function object(job: string, epoch = 1): Promise<string> {
  const key = storageKey({ companyId: 'acme', jobId: job, epoch }, 'contacts.csv');
  const upload = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
  await upload.write(Buffer.from('id\r\n'));
  await upload.complete();
  return key;
}

async function record(job: string, part: Partial<RenderJob>): Promise<void> {
  const now = new Date();
  await jobs.insertOne({
    _id: jobId(job),
    company_id: 'acme',
    attempt: 1,
    epoch: 1,
    state: 'open',
    first: { topic: 'export.batches', partition: 0, offset: '0' },
    spec: null,
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

/** Stores a job whose file expires in 48 hours. */
async function succeeded(job: string): Promise<string> {
  const key = await object(job);
  const file = { bucket, key, name: 'contacts.csv', content_type: 'text/csv', bytes: 4 };
  await record(job, { state: 'succeeded', file: { ...file, expires_at: Date.now() + 48 * hourMs } });
  return key;
}

async function isThere(key: string): Promise<boolean> {
  return (await storage.head({ bucket, key })) !== undefined;
}

describe('sweepFiles on files', () => {
  it('removes a file once, 48 hours and ten minutes after it was completed', async () => {
    const key = await succeeded('kept');
    expect(await sweepAfter(48 * hourMs + 9 * 60_000)).toEqual(nothing);
    expect(await isThere(key)).toBe(true);
    expect(await sweepAfter(48 * hourMs + 11 * 60_000)).toEqual({ ...nothing, files: 1 });
    expect(await isThere(key)).toBe(false);
    expect(await sweepAfter(49 * hourMs)).toEqual(nothing);
    expect((await jobs.findOne({ _id: jobId('kept') }))?.file_removed_at).toBeInstanceOf(Date);
  });

  it('counts a file that is missing before it expires in each sweep, and leaves its job unchanged', async () => {
    const key = await succeeded('lost');
    await storage.remove({ bucket, key });
    expect(await sweepAfter(0)).toEqual({ ...nothing, missing: 1 });
    expect((await jobs.findOne({ _id: jobId('lost') }))?.state).toBe('succeeded');
  });
});

describe('sweepFiles on objects without a pointer', () => {
  it('removes an object without a job after a day', async () => {
    const key = await object('unknown');
    expect(await sweepAfter(dayMs - hourMs)).toEqual(nothing);
    expect(await sweepAfter(dayMs + hourMs)).toEqual({ ...nothing, orphans: 1 });
    expect(await isThere(key)).toBe(false);
  });

  it('removes the object of another epoch and keeps the one that the pointer names', async () => {
    const pointed = await succeeded('twice');
    const loser = await object('twice', 2);
    expect(await sweepAfter(dayMs + hourMs)).toEqual({ ...nothing, orphans: 1 });
    expect([await isThere(pointed), await isThere(loser)]).toEqual([true, false]);
  });

  it('keeps an object while its job is open', async () => {
    const key = await object('open');
    await record('open', { state: 'open' });
    expect(await sweepAfter(10 * dayMs)).toEqual(nothing);
    expect(await isThere(key)).toBe(true);
  });

  it('keeps an object under a key that render did not create', async () => {
    const key = 'private/exports/readme.txt';
    const upload = storage.openUpload({ bucket, key, contentType: 'text/plain', fileName: 'readme.txt' });
    await upload.complete();
    expect(await sweepAfter(10 * dayMs)).toEqual(nothing);
    expect(await isThere(key)).toBe(true);
  });
});

describe('sweepFiles on uploads', () => {
  it('aborts an upload that was not completed within a day', async () => {
    const key = storageKey({ companyId: 'acme', jobId: 'unfinished', epoch: 1 }, 'contacts.csv');
    const upload = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
    // More than two upload parts so that the multipart upload exists. It is left open, as a crash leaves it.
    await upload.write(Buffer.alloc(17 * 1_048_576));
    expect(await sweepAfter(dayMs - hourMs)).toEqual(nothing);
    expect(await sweepAfter(dayMs + hourMs)).toEqual({ ...nothing, uploads: 1 });
    // A part that was in flight may create the upload again, as with S3. A later sweep aborts it.
    const isGone = async () => {
      await sweepAfter(dayMs + hourMs);
      return (await Array.fromAsync(storage.listUploads(bucket))).length === 0;
    };
    await waitFor(isGone, { limitMs: 10_000, what: 'no upload to be left' });
  });
});

describe('sweepFiles on job records', () => {
  it('removes a record after 22 days, unless its file or one of its events is left', async () => {
    await record('failed', { state: 'failed' });
    await record('pending', { state: 'failed', outbox_pending: true });
    await succeeded('succeeded');
    expect(await sweepAfter(22 * dayMs - hourMs, { dryRun: true })).toMatchObject({ records: 0 });
    // The first sweep removes the file, and its record with it.
    expect(await sweepAfter(22 * dayMs + hourMs)).toEqual({ ...nothing, files: 1, records: 2 });
    expect((await jobs.find({}).toArray()).map(({ _id }) => _id)).toEqual(['pending']);
  });
});

describe('sweepFiles in a dry run', () => {
  it('counts what it would remove and removes nothing', async () => {
    const keys = [await succeeded('dry'), await object('dry-orphan')];
    const after = 49 * hourMs;
    expect(await sweepAfter(after, { dryRun: true })).toEqual({ ...nothing, files: 1, orphans: 1 });
    for (const key of keys) expect(await isThere(key)).toBe(true);
    expect(await sweepAfter(after)).toEqual({ ...nothing, files: 1, orphans: 1 });
  });
});
