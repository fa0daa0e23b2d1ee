import { createMetrics, silentLogger } from '@waybill/observability';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { createSweeper } from '@waybill/service';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { companyId, jobId, userId } from '@waybill/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { indexes } from '../indexes.ts';
import { createJobStore, sweepJobs, type JobDocument, type Swept } from './job-store.ts';
import { acceptedAt, sampleJob } from '../testing/sample-job.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const logger = silentLogger();
const store = openStore({ url: sharedAddresses().mongo.url, database: uniqueName('retention'), logger });
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

/** Sweeps as the service does, at an instant in ms since the epoch. */
async function sweepAt(at: number): Promise<Swept | undefined> {
  const sweeper = createSweeper({
    sweep: (run) => sweepJobs({ jobs, logger }, run),
    db: store.db,
    everyMs: 60_000,
    metrics: createMetrics('test', { processMetrics: false }),
    logger,
    now: () => new Date(at),
  });
  const swept = await sweeper.sweepOnce();
  await sweeper.stop();
  return swept;
}

describe('sweepJobs', () => {
  it('removes an Idempotency-Key 24 hours after it was sent and keeps its job', async () => {
    await keep({ unique_keys: ['k'], keyed_at: acceptedAt });
    await sweepAt(acceptedAt + dayMs);
    expect((await jobs.findByIdempotencyKey('k'))?._id).toBe(id);
    expect(await sweepAt(acceptedAt + dayMs + 1)).toEqual({ keys: 1, jobs: 0 });
    expect(await jobs.findByIdempotencyKey('k')).toBeUndefined();
    const job = await jobs.find(company, id);
    expect(job).toMatchObject({ _id: id });
    expect(job).not.toHaveProperty('unique_keys');
    expect(job).not.toHaveProperty('keyed_at');
  });

  it('allows a removed Idempotency-Key to return another job', async () => {
    await keep({ unique_keys: ['k'], keyed_at: acceptedAt });
    const other = jobId('0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a12');
    const again = { ...sampleJob(), _id: other, company_id: company, user_id: userId('u1') };
    const document = { ...again, fingerprint: 'g', unique_keys: ['k'], outbox: [], outbox_pending: false };
    expect(await jobs.insert(document)).toBe('duplicate');
    await sweepAt(acceptedAt + dayMs + 1);
    expect(await jobs.insert(document)).toBe('inserted');
  });

  it('removes a job seven days after its end', async () => {
    const endedAt = acceptedAt + hourMs;
    await keep({ ended_at: endedAt });
    expect(await sweepAt(endedAt + 7 * dayMs)).toEqual({ keys: 0, jobs: 0 });
    expect(await jobs.find(company, id)).toBeDefined();
    expect(await sweepAt(endedAt + 7 * dayMs + 1)).toEqual({ keys: 0, jobs: 1 });
    expect(await jobs.find(company, id)).toBeUndefined();
  });

  it('keeps a job that has not ended, however old it is', async () => {
    await keep({ ended_at: null });
    expect(await sweepAt(acceptedAt + 60 * dayMs)).toEqual({ keys: 0, jobs: 0 });
    expect(await jobs.find(company, id)).toBeDefined();
  });
});
