import { createMetrics, silentLogger } from '@waybill/observability';
import { createStorage, skippedListKey } from '@waybill/object-storage';
import { createSweeper } from '@waybill/service';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jobId } from '@waybill/domain';
import { storageKey } from './file/file-name.ts';
import { renderIndexes } from './indexes.ts';
import type { RenderJob } from './job/job.ts';
import { jobsOf } from './job/job-store.ts';
import { createFileSweep, type FileSweepDeps, type Swept } from './sweeper.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const logger = silentLogger();
const addresses = sharedAddresses();
const store = openStore({ url: addresses.mongo.url, database: uniqueName('sweeper'), logger });
const storage = createStorage({ ...addresses.s3, logger });
const jobs = jobsOf(store);
const metrics = createMetrics('test', { processMetrics: false });
const nothing: Swept = { files: 0, orphans: 0, uploads: 0, missing: 0, records: 0 };
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

interface Options {
  readonly installation?: string;
  readonly maximumUnknownPercent?: number;
  readonly dryRun?: boolean;
  readonly objectLimit?: number;
  readonly storage?: FileSweepDeps['storage'];
}

/** Returns a sweep of the one bucket. */
function sweepOf(options: Options = {}): ReturnType<typeof createFileSweep> {
  const buckets = [bucket];
  const defaults = { installation: 'main', maximumUnknownPercent: 100, dryRun: false };
  return createFileSweep({
    jobs,
    storage,
    buckets,
    recordTtlMs: 22 * dayMs,
    logger,
    ...defaults,
    ...options,
  });
}

/** Sweeps as if `ms` had passed: objects and records are created now, so the clock is moved instead. */
async function sweepAfter(ms: number, sweep = sweepOf()): Promise<Swept | undefined> {
  const now = () => new Date(Date.now() + ms);
  const sweeper = createSweeper({ sweep, db: store.db, everyMs: 60_000, metrics, logger, now });
  const swept = await sweeper.sweepOnce();
  await sweeper.stop();
  return swept;
}

async function object(job: string, { epoch = 1, installation = 'main' } = {}): Promise<string> {
  const key = storageKey(installation, { companyId: 'acme', jobId: job, epoch }, 'contacts.csv');
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
    stream: 0,
    state: 'open',
    first: { topic: 'export.batches', partition: 0, offset: '0' },
    spec: null,
    file: null,
    receipt: null,
    failure: null,
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
async function succeeded(job: string, installation = 'main'): Promise<string> {
  const key = await object(job, { installation });
  const file = { bucket, key, name: 'contacts.csv', content_type: 'text/csv', bytes: 4 };
  await record(job, { state: 'succeeded', file: { ...file, expires_at: Date.now() + 48 * hourMs } });
  return key;
}

/** Stores the list of the contacts that a file skipped. */
async function listOf(fileKey: string): Promise<string> {
  const key = skippedListKey(fileKey);
  const upload = storage.openUpload({ bucket, key, contentType: 'application/x-ndjson', fileName: 'list' });
  await upload.write(Buffer.from('"gone"\n'));
  await upload.complete();
  return key;
}

async function isThere(key: string): Promise<boolean> {
  return (await storage.head({ bucket, key })) !== undefined;
}

describe('the file sweep on expired files', () => {
  it('removes a file and the list of what it skipped once, 48 hours and ten minutes after it was completed', async () => {
    const key = await succeeded('kept');
    const list = await listOf(key);
    expect(await sweepAfter(48 * hourMs + 9 * 60_000)).toEqual(nothing);
    expect([await isThere(key), await isThere(list)]).toEqual([true, true]);
    expect(await sweepAfter(48 * hourMs + 11 * 60_000)).toEqual({ ...nothing, files: 1 });
    expect([await isThere(key), await isThere(list)]).toEqual([false, false]);
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

describe('the file sweep on objects without a pointer', () => {
  it('removes an object without a job after a day', async () => {
    await record('known', {});
    const key = await object('unknown');
    expect(await sweepAfter(dayMs - hourMs)).toEqual(nothing);
    expect(await sweepAfter(dayMs + hourMs)).toEqual({ ...nothing, orphans: 1 });
    expect(await isThere(key)).toBe(false);
  });

  it('removes the object of another epoch and keeps the one that the pointer names', async () => {
    const pointed = await succeeded('twice');
    const loser = await object('twice', { epoch: 2 });
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
    const key = 'private/exports/main/readme.txt';
    const upload = storage.openUpload({ bucket, key, contentType: 'text/plain', fileName: 'readme.txt' });
    await upload.complete();
    expect(await sweepAfter(10 * dayMs)).toEqual(nothing);
    expect(await isThere(key)).toBe(true);
  });
});

describe('the file sweep on uploads', () => {
  it('aborts an upload that was not completed within a day', async () => {
    await record('known', {});
    const key = storageKey('main', { companyId: 'acme', jobId: 'unfinished', epoch: 1 }, 'contacts.csv');
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

describe('the file sweep on job records', () => {
  it('removes a record after 22 days, unless its file or one of its events is left', async () => {
    await record('failed', { state: 'failed' });
    await record('pending', { state: 'failed', outbox_pending: true });
    await succeeded('succeeded');
    expect(await sweepAfter(22 * dayMs - hourMs, sweepOf({ dryRun: true }))).toMatchObject({ records: 0 });
    // The first sweep removes the file, and its record with it.
    expect(await sweepAfter(22 * dayMs + hourMs)).toEqual({ ...nothing, files: 1, records: 2 });
    expect((await jobs.find({}).toArray()).map(({ _id }) => _id)).toEqual(['pending']);
  });
});

describe('the file sweep with several installations in a bucket', () => {
  it('never removes objects, uploads and files of another installation', async () => {
    const keys = [
      await object('orphan', { installation: 'other' }),
      await object('orphan', { installation: 'main-2' }),
      // A copied database names a file of the installation that it was copied from.
      await succeeded('copied', 'other'),
    ];
    const key = storageKey('other', { companyId: 'acme', jobId: 'open', epoch: 1 }, 'contacts.csv');
    const upload = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
    await upload.write(Buffer.alloc(17 * 1_048_576));
    expect(await sweepAfter(10 * dayMs)).toEqual(nothing);
    for (const kept of keys) expect(await isThere(kept)).toBe(true);
    expect(await Array.fromAsync(storage.listUploads(bucket))).toHaveLength(1);
    await upload.abort();
    // Its record ends all the same.
    expect(await sweepAfter(22 * dayMs + hourMs)).toEqual({ ...nothing, records: 1 });
  });
});

describe('the file sweep on a store that lacks jobs', () => {
  const guarded = () => sweepOf({ maximumUnknownPercent: 20 });

  it('removes an unknown object if it is one of five', async () => {
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map((job) => succeeded(job)));
    const unknown = await object('unknown');
    expect(await sweepAfter(dayMs + hourMs, guarded())).toEqual({ ...nothing, orphans: 1 });
    expect(await isThere(unknown)).toBe(false);
    for (const key of kept) expect(await isThere(key)).toBe(true);
  });

  it('removes nothing, not even an expired file, if more than 20 % of the objects are unknown', async () => {
    const keys = [await succeeded('a'), await succeeded('b'), await succeeded('c'), await object('unknown')];
    expect(await sweepAfter(10 * dayMs, guarded())).toBeUndefined();
    for (const key of keys) expect(await isThere(key)).toBe(true);
  });

  it('counts unfinished uploads of unknown jobs', async () => {
    await succeeded('a');
    const key = storageKey('main', { companyId: 'acme', jobId: 'unknown', epoch: 1 }, 'contacts.csv');
    const upload = storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' });
    await upload.write(Buffer.alloc(17 * 1_048_576));
    expect(await sweepAfter(dayMs + hourMs, guarded())).toBeUndefined();
    expect(await Array.fromAsync(storage.listUploads(bucket))).toHaveLength(1);
    await upload.abort();
  });

  it('removes nothing if the store is empty, whatever share of unknown objects is allowed', async () => {
    const key = await object('unknown');
    expect(await sweepAfter(10 * dayMs)).toBeUndefined();
    expect(await isThere(key)).toBe(true);
  });
});

describe('the file sweep on objects that cannot be removed', () => {
  /** Returns a storage that refuses to remove one object, as an object under a legal hold. */
  function refusing(key: string): FileSweepDeps['storage'] {
    return {
      ...storage,
      remove: (address: { readonly bucket: string; readonly key: string }) =>
        address.key === key ? Promise.reject(new Error('refused')) : storage.remove(address),
    };
  }

  it('removes the others, and tries the same object again in the next sweep', async () => {
    const [first, second, third] = [await succeeded('a'), await succeeded('b'), await succeeded('c')];
    const held = sweepOf({ storage: refusing(second) });
    expect(await sweepAfter(3 * dayMs, held)).toEqual({ ...nothing, files: 2 });
    expect([await isThere(first), await isThere(second), await isThere(third)]).toEqual([false, true, false]);
    expect(await sweepAfter(3 * dayMs)).toEqual({ ...nothing, files: 1 });
  });
});

describe('the file sweep of a large bucket', () => {
  it('looks at a part of it, and the next sweep looks at the next part', async () => {
    await record('known', { state: 'failed' });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((job) => object(job)));
    const sweep = sweepOf({ objectLimit: 2 });
    const removed = [];
    for (let run = 0; run < 4; run += 1) removed.push((await sweepAfter(2 * dayMs, sweep))?.orphans);
    expect(removed).toEqual([2, 2, 1, 0]);
  });
});

describe('the file sweep in a dry run', () => {
  it('counts what it would remove and removes nothing', async () => {
    const keys = [await succeeded('dry'), await object('dry-orphan')];
    const after = 49 * hourMs;
    expect(await sweepAfter(after, sweepOf({ dryRun: true }))).toEqual({ ...nothing, files: 1, orphans: 1 });
    for (const key of keys) expect(await isThere(key)).toBe(true);
    expect(await sweepAfter(after)).toEqual({ ...nothing, files: 1, orphans: 1 });
  });
});
