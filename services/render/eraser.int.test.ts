import { silentLogger } from '@waybill/observability';
import { createStorage } from '@waybill/object-storage';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { companyId, jobId, type JobId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startErasing, type ErasingServer } from '@waybill/harness';
import { createEraser } from './eraser.ts';
import { storageKey } from './file/file-name.ts';
import { renderIndexes } from './indexes.ts';
import type { RenderJob } from './job/job.ts';
import { createJobStore, jobsOf } from './job/job-store.ts';
import { sampleSpec } from './testing/sample-spec.ts';

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
  server = await startErasing(createEraser({ jobs, storage, buckets, installation: 'main' }), store.db);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await store.db.dropDatabase();
  await store.close();
  storage.close();
});

interface StoredFile {
  readonly company: string;
  readonly job: string;
  readonly epoch?: number;
  readonly bucket?: string;
}

function startUpload({ company, job, epoch = 1, bucket = buckets[0] }: StoredFile) {
  const key = storageKey('main', { companyId: company, jobId: job, epoch }, 'contacts.csv');
  return {
    key,
    upload: storage.openUpload({ bucket, key, contentType: 'text/csv', fileName: 'contacts.csv' }),
  };
}

async function object(file: StoredFile): Promise<string> {
  const { key, upload } = startUpload(file);
  await upload.write(Buffer.from('id\r\n'));
  await upload.complete();
  return key;
}

/** Leaves an upload open, as a crash does. */
async function unfinished(file: StoredFile): Promise<void> {
  await startUpload(file).upload.write(Buffer.alloc(17 * 1_048_576));
}

async function countOf(company: string): Promise<number> {
  let count = 0;
  for (const bucket of buckets) {
    const prefix = `private/exports/main/${encodeURIComponent(company)}/`;
    count += (await Array.fromAsync(storage.list(bucket, prefix))).length;
    const uploads = await Array.fromAsync(storage.listUploads(bucket));
    count += uploads.filter(({ key }) => key.startsWith(prefix)).length;
  }
  return count;
}

/** Stores a job with the file that its pointer names, a file of another epoch, and an upload that was not completed. */
async function succeeded(company: string, user: string, change: Partial<RenderJob> = {}): Promise<JobId> {
  const job = jobId(uniqueName('job'));
  const key = await object({ company, job });
  await object({ company, job, epoch: 2, bucket: buckets[1] });
  await unfinished({ company, job, epoch: 3 });
  const now = new Date();
  await jobs.insertOne({
    _id: job,
    company_id: company,
    attempt: 1,
    epoch: 3,
    stream: 0,
    state: 'succeeded',
    first: { topic: 'export.batches', partition: 0, offset: '0' },
    spec: { ...sampleSpec, user_id: user },
    file: {
      bucket: buckets[0],
      key,
      name: 'contacts.csv',
      content_type: 'text/csv',
      bytes: 4,
      expires_at: now.getTime() + 3_600_000,
    },
    receipt: null,
    failure: null,
    completed_at: now,
    file_removed_at: null,
    outbox: [],
    outbox_pending: false,
    created_at: now,
    updated_at: now,
    ...change,
  });
  return job;
}

const nothing = { jobs: 0, files: 0 };

describe('erasing the files of a person', () => {
  it('removes the file pointer, the spec and every object in every region', async () => {
    // A storage key encodes this id.
    const company = `${uniqueName('company')}+é`;
    const [hers, his] = [await succeeded(company, 'ani'), await succeeded(company, 'budi')];
    expect(await countOf(company)).toBe(6);
    const answer = await server.erase(company, { user_id: 'ani' });
    expect(answer.body).toMatchObject({ removed: { jobs: 1, files: 3 }, remaining: nothing });
    expect(await jobs.findOne({ _id: hers })).toMatchObject({ company_id: 'erased', spec: null, file: null });
    expect(await jobs.findOne({ _id: his })).toMatchObject({ spec: { user_id: 'budi' } });
    expect(await countOf(company)).toBe(3);
  });

  it('removes a file that a superseded render finished after the erasure', async () => {
    const company = uniqueName('company');
    const job = await succeeded(company, 'ani');
    await server.erase(company, { user_id: 'ani' });
    await object({ company, job, epoch: 7 });
    const repeated = await server.erase(company, { user_id: 'ani' });
    expect(repeated.body).toMatchObject({ removed: { jobs: 0, files: 1 }, remaining: nothing });
    expect(await countOf(company)).toBe(0);
  });

  it('does not create the file again when a batch is delivered again', async () => {
    const company = uniqueName('company');
    const job = await succeeded(company, 'ani');
    await server.erase(company, { user_id: 'ani' });
    const claimant = { jobId: job, companyId: companyId(company), attempt: 1, stream: 0, spec: sampleSpec };
    const first = { topic: 'export.batches', partition: 0, offset: 0n };
    const claimed = await createJobStore(jobs).claim(claimant, first, new Date());
    expect(claimed).toMatchObject({ kind: 'ignore' });
  });

  it.each([
    ['is open', { state: 'open' }],
    ['has an ending that is not published yet', { outbox_pending: true }],
  ] as const)(
    'keeps a job that %s, and counts it as remaining until it has ended',
    async (_which, change) => {
      const company = uniqueName('company');
      const job = await succeeded(company, 'ani', change);
      for (const body of [{ user_id: 'ani' }, {}]) {
        const early = await server.erase(company, body);
        expect(early.body).toMatchObject({ removed: nothing, remaining: { jobs: 1, files: 0 } });
      }
      expect(await countOf(company)).toBe(3);
      await jobs.updateOne({ _id: job }, { $set: { state: 'cancelled', outbox_pending: false } });
      const late = await server.erase(company, { user_id: 'ani' });
      expect(late.body).toMatchObject({ removed: { jobs: 1, files: 3 }, remaining: nothing });
    },
  );

  it('requires a permission of its own in that company, which an administrator does not have', async () => {
    const company = uniqueName('company');
    await succeeded(company, 'ani');
    const others = ['contacts.export', 'contacts.export.admin'] as const;
    const refused = await server.erase(company, { user_id: 'ani' }, others);
    expect(refused).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    const stranger = await server.erase('another', { company_id: company, user_id: 'ani' });
    expect(stranger).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } });
    expect(await countOf(company)).toBe(3);
  });
});

describe('erasing the files of a company', () => {
  it('removes every file of the company, including those without a job, and nothing of another company', async () => {
    const company = uniqueName('company');
    // A name that starts with the company's name.
    const other = `${company}-2`;
    await succeeded(company, 'ani');
    await succeeded(company, 'budi');
    await object({ company, job: 'unknown' });
    await succeeded(other, 'ani');
    const answer = await server.erase(company, {});
    expect(answer.body).toMatchObject({ removed: { jobs: 2, files: 7 }, remaining: nothing });
    expect(await countOf(company)).toBe(0);
    expect(await countOf(other)).toBe(3);
    expect(await jobs.countDocuments({ company_id: company })).toBe(0);
  });
});
