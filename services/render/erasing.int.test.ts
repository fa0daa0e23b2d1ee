import { silentLogger } from '@waybill/observability';
import { createStorage } from '@waybill/object-storage';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startErasing, type ErasingServer } from '@waybill/harness';
import { createEraser } from './eraser.ts';
import { storageKey } from './file/file-name.ts';
import { renderIndexes } from './indexes.ts';
import type { RenderJob } from './job/job.ts';
import { createRenderStore, jobsOf } from './job/job-store.ts';
import { sampleJob } from './testing/sample-job.ts';

const logger = silentLogger();
const addresses = sharedAddresses();
const store = openStore({ url: addresses.mongo.url, database: uniqueName('erasing'), logger });
const storage = createStorage({ ...addresses.s3, logger });
const jobs = jobsOf(store);
const buckets = [uniqueName('erasing-id'), uniqueName('erasing-sg')] as const;
let server: ErasingServer;

beforeAll(async () => {
  await ensureIndexes(store.db, renderIndexes);
  for (const bucket of buckets) await storage.ensureBucket(bucket);
  server = await startErasing(createEraser({ jobs, storage, buckets }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await store.db.dropDatabase();
  await store.close();
  storage.close();
});

interface Thing {
  readonly company: string;
  readonly job: string;
  readonly epoch?: number;
  readonly bucket?: string;
}

function begin({ company, job, epoch = 1, bucket = buckets[0] }: Thing) {
  const key = storageKey(company, job, epoch, 'contacts.csv');
  return {
    key,
    upload: storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' }),
  };
}

async function object(thing: Thing): Promise<string> {
  const { key, upload } = begin(thing);
  await upload.write(Buffer.from('id\r\n'));
  await upload.complete();
  return key;
}

/** An upload as a crash leaves it. */
async function unfinished(thing: Thing): Promise<void> {
  await begin(thing).upload.write(Buffer.alloc(17 * 1_048_576));
}

async function thingsOf(company: string): Promise<number> {
  let count = 0;
  for (const bucket of buckets) {
    const prefix = `private/exports/${encodeURIComponent(company)}/`;
    count += (await Array.fromAsync(storage.list(bucket, prefix))).length;
    const uploads = await Array.fromAsync(storage.listUploads(bucket));
    count += uploads.filter(({ key }) => key.startsWith(prefix)).length;
  }
  return count;
}

/** A job with its pointed file, one of an epoch that lost, and an upload that nobody completed. */
async function succeeded(company: string, user: string, part: Partial<RenderJob> = {}): Promise<string> {
  const job = uniqueName('job');
  const key = await object({ company, job });
  await object({ company, job, epoch: 2, bucket: buckets[1] });
  await unfinished({ company, job, epoch: 3 });
  const now = new Date();
  await jobs.insertOne({
    _id: job,
    company_id: company,
    attempt: 1,
    epoch: 3,
    state: 'succeeded',
    first: { topic: 'export.batches', partition: 0, offset: '0' },
    job: { ...sampleJob, user_id: user },
    file: {
      bucket: buckets[0],
      key,
      name: 'contacts.csv',
      content_type: 'text/csv',
      bytes: 4,
      expires_at: now.getTime() + 3_600_000,
    },
    receipt: null,
    completed_at: now,
    file_removed_at: null,
    outbox: [],
    outbox_pending: false,
    created_at: now,
    updated_at: now,
    ...part,
  });
  return job;
}

const nothing = { jobs: 0, files: 0 };

describe('erasing a person', () => {
  it('removes pointer, personal part and every object, with or without a pointer, in every region', async () => {
    // An id that a storage key writes another way.
    const company = `${uniqueName('company')}+é`;
    const [hers, his] = [await succeeded(company, 'ani'), await succeeded(company, 'budi')];
    expect(await thingsOf(company)).toBe(6);
    const answer = await server.erase(company, { user_id: 'ani' });
    expect(answer.body).toMatchObject({ removed: { jobs: 1, files: 3 }, remaining: nothing });
    expect(await jobs.findOne({ _id: hers })).toMatchObject({ company_id: 'erased', job: null, file: null });
    expect(await jobs.findOne({ _id: his })).toMatchObject({ job: { user_id: 'budi' } });
    expect(await thingsOf(company)).toBe(3);
  });

  it('holds against batches that come again: the file is not made a second time', async () => {
    const company = uniqueName('company');
    const job = await succeeded(company, 'ani');
    await server.erase(company, { user_id: 'ani' });
    const claimant = { jobId: job, companyId: company, attempt: 1, job: sampleJob };
    const place = { topic: 'export.batches', partition: 0 };
    const claimed = await createRenderStore(jobs).claim(claimant, place, 0n, new Date());
    expect(claimed).toMatchObject({ kind: 'ignore' });
  });

  it.each([
    ['is open', { state: 'open' }],
    ['has an end that is not published yet', { outbox_pending: true }],
  ] as const)('leaves a job that %s whole, and counts it as left until it is over', async (_which, part) => {
    const company = uniqueName('company');
    const job = await succeeded(company, 'ani', part);
    for (const body of [{ user_id: 'ani' }, {}]) {
      const early = await server.erase(company, body);
      expect(early.body).toMatchObject({ removed: nothing, remaining: { jobs: 1, files: 0 } });
    }
    expect(await thingsOf(company)).toBe(3);
    await jobs.updateOne({ _id: job }, { $set: { state: 'cancelled', outbox_pending: false } });
    const late = await server.erase(company, { user_id: 'ani' });
    expect(late.body).toMatchObject({ removed: { jobs: 1, files: 3 }, remaining: nothing });
  });

  it('is for administrators of that company', async () => {
    const company = uniqueName('company');
    await succeeded(company, 'ani');
    const clerk = await server.erase(company, { user_id: 'ani' }, ['contacts.export']);
    expect(clerk).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    const stranger = await server.erase('another', { company_id: company, user_id: 'ani' });
    expect(stranger).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } });
    expect(await thingsOf(company)).toBe(3);
  });
});

describe('erasing a company', () => {
  it('removes all of it, also files that no job knows, and nothing of another', async () => {
    const company = uniqueName('company');
    // A name that begins like the company's.
    const other = `${company}-2`;
    await succeeded(company, 'ani');
    await succeeded(company, 'budi');
    await object({ company, job: 'forgotten' });
    await succeeded(other, 'ani');
    const answer = await server.erase(company, {});
    expect(answer.body).toMatchObject({ removed: { jobs: 2, files: 7 }, remaining: nothing });
    expect(await thingsOf(company)).toBe(0);
    expect(await thingsOf(other)).toBe(3);
    expect(await jobs.countDocuments({ company_id: company })).toBe(0);
  });
});
