import { companyId, jobId, userId } from '@waybill/domain';
import { createMetrics, silentLogger } from '@waybill/observability';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { indexes } from '../indexes.ts';
import { acceptedAt, sampleJob } from '../testing/sample-job.ts';
import type { Job } from './job.ts';
import { createJobStore, type JobDocument } from './job-store.ts';
import { createReconciliation } from './reconciliation.ts';

const minute = 60_000;
const store = openStore({
  url: sharedAddresses().mongo.url,
  database: uniqueName('intake'),
  logger: silentLogger(),
});
const jobs = createJobStore(store.db);

beforeAll(() => ensureIndexes(store.db, indexes));
beforeEach(() => jobs.collection.deleteMany({}));
afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

/** Stores a job whose event is published. */
async function put(id: string, state: Partial<Job & JobDocument> = {}): Promise<JobDocument> {
  const document: JobDocument = {
    ...sampleJob(state),
    _id: jobId(id),
    company_id: companyId('acme'),
    user_id: userId('rina'),
    fingerprint: 'f',
    outbox: [],
    outbox_pending: false,
    ...state,
  };
  await jobs.insert(document);
  return document;
}

/** One instance of the service, `minutes` after the sample job was accepted. */
function instanceAt(minutes: number) {
  const metrics = createMetrics('intake', { processMetrics: false });
  const published: string[] = [];
  const reconciliation = createReconciliation({
    jobs,
    publish: (id) => void published.push(id),
    rules: { afterMs: 15 * minute, longestPauseMs: 480 * minute, maximumRepeats: 7 },
    logger: silentLogger(),
    metrics,
    now: () => new Date(acceptedAt + minutes * minute),
  });
  return { ...reconciliation, published, metrics };
}

const stored = (id: string) => jobs.find(companyId('acme'), jobId(id));

describe('Reconciliation.run', () => {
  it('repeats the request of each overdue job with its event id, oldest first', async () => {
    await put('second', { queued_at: acceptedAt + minute });
    await put('first');
    await put('young', { queued_at: acceptedAt + 10 * minute });
    await put('moving', { progress_at: acceptedAt + 10 * minute });
    await put('ended', { ended_at: acceptedAt });
    await put('not published', { outbox_pending: true });
    const instance = instanceAt(20);
    await instance.run();
    expect(instance.published).toEqual(['first', 'second']);
    const entry = (await stored('first'))?.outbox[0];
    expect(entry).toMatchObject({
      topic: 'export.requested',
      event: { job_id: 'first', attempt: 1, repeat: { count: 1, action: 'answer', since: acceptedAt } },
    });
  });

  it('waits for the pause and then repeats the request under the same event id', async () => {
    await put('job');
    await instanceAt(20).run();
    const first = (await stored('job'))?.outbox[0];
    // The outbox has published the event.
    await jobs.collection.updateOne({ _id: jobId('job') }, { $set: { outbox: [], outbox_pending: false } });
    const early = instanceAt(49);
    await early.run();
    expect(early.published).toEqual([]);
    await instanceAt(50).run();
    const second = (await stored('job'))?.outbox[0];
    expect(second).toMatchObject({ id: first?.id, event: { repeat: { count: 2 } } });
  });

  it('stores one repeat when two instances find the same job', async () => {
    await put('job');
    const instances = [instanceAt(20), instanceAt(20)];
    await Promise.all(instances.map((instance) => instance.run()));
    expect(instances.flatMap(({ published }) => published)).toEqual(['job']);
    expect((await stored('job'))?.outbox).toHaveLength(1);
  });

  it('measures the jobs without an end and the age of the oldest', async () => {
    await put('queued', { queued_at: acceptedAt + 2 * minute });
    await put('processing', { status: 'processing', queued_at: acceptedAt + minute });
    await put('ended', { ended_at: acceptedAt, status: 'failed' });
    const instance = instanceAt(3);
    await instance.run();
    const text = await instance.metrics.registry.metrics();
    expect(text).toContain('waybill_unfinished_jobs{state="queued",service="intake"} 1');
    expect(text).toContain('waybill_unfinished_jobs{state="processing",service="intake"} 1');
    expect(text).toContain('waybill_oldest_unfinished_job_seconds{service="intake"} 120');
  });
});

describe('Reconciliation.onBatchesLost', () => {
  it('asks the resolver for the batches at once, and again only after the pause', async () => {
    const job = await put('job');
    await instanceAt(1).onBatchesLost(job);
    const asked = await stored('job');
    expect(asked?.repeats).toMatchObject({ count: 1, action: 'resolve' });
    expect(asked?.outbox[0]?.event).toMatchObject({ repeat: { action: 'resolve' } });
    await jobs.collection.updateOne({ _id: job._id }, { $set: { outbox: [], outbox_pending: false } });
    const again = instanceAt(2);
    await again.onBatchesLost((await stored('job')) ?? job);
    expect(again.published).toEqual([]);
  });
});
