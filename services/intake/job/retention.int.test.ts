import { silentLogger } from '@waybill/observability';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { companyId, jobId, userId } from '@waybill/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweep } from '../background.ts';
import { indexes } from '../indexes.ts';
import { createJobStore, type JobDocument } from './job-store.ts';
import { acceptedAt, sampleJob } from '../testing/sample-job.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const store = openStore({
  url: sharedAddresses().mongo.url,
  database: uniqueName('sweep'),
  logger: silentLogger(),
});
const jobs = createJobStore(store.db);
const company = companyId('acme');
const id = jobId('0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a11');

beforeAll(() => ensureIndexes(store.db, indexes));
beforeEach(() => jobs.collection.deleteMany({}));
afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

async function keep(changes: Partial<JobDocument>): Promise<void> {
  const document: JobDocument = {
    ...sampleJob(),
    company_id: company,
    user_id: userId('u1'),
    fingerprint: 'f',
    outbox: [],
    outbox_pending: false,
    ...changes,
  };
  expect(await jobs.insert(document)).toBe('inserted');
}

describe('an Idempotency-Key', () => {
  it('is unset 24 hours after it came, and its job stays', async () => {
    await keep({ key_claims: ['k'], keyed_at: acceptedAt });
    await sweep(jobs, acceptedAt + dayMs);
    expect((await jobs.byKeyClaim('k'))?._id).toBe(id);
    expect(await sweep(jobs, acceptedAt + dayMs + 1)).toBe(0);
    expect(await jobs.byKeyClaim('k')).toBeUndefined();
    const job = await jobs.find(company, id);
    expect(job).toMatchObject({ _id: id });
    expect(job).not.toHaveProperty('key_claims');
    expect(job).not.toHaveProperty('keyed_at');
  });

  it('that is unset may name another job', async () => {
    await keep({ key_claims: ['k'], keyed_at: acceptedAt });
    const other = jobId('0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a12');
    const again = { ...sampleJob(), _id: other, company_id: company, user_id: userId('u1') };
    const document = { ...again, fingerprint: 'g', key_claims: ['k'], outbox: [], outbox_pending: false };
    expect(await jobs.insert(document)).toBe('duplicate');
    await sweep(jobs, acceptedAt + dayMs + 1);
    expect(await jobs.insert(document)).toBe('inserted');
  });
});

describe('a job', () => {
  it('is removed seven days after its end', async () => {
    const endedAt = acceptedAt + hourMs;
    await keep({ ended_at: endedAt });
    expect(await sweep(jobs, endedAt + 7 * dayMs)).toBe(0);
    expect(await jobs.find(company, id)).toBeDefined();
    expect(await sweep(jobs, endedAt + 7 * dayMs + 1)).toBe(1);
    expect(await jobs.find(company, id)).toBeUndefined();
  });

  it('is kept while it has not ended, however old it is', async () => {
    await keep({ ended_at: null });
    expect(await sweep(jobs, acceptedAt + 60 * dayMs)).toBe(0);
    expect(await jobs.find(company, id)).toBeDefined();
  });
});
