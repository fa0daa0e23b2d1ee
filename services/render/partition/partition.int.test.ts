import { batchId, sealPlan } from '@waybill/batch-payload';
import { createPermissions } from '@waybill/contacts';
import { createDataKey, createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { companyId, jobId, type JobId } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import { exportBatch, testKeySettings } from '@waybill/fixtures';
import { rewind } from '@waybill/kafka';
import { openStore } from '@waybill/mongo';
import { createStorage } from '@waybill/object-storage';
import { createMetrics, silentLogger } from '@waybill/observability';
import { createCancelFlags } from '@waybill/redis';
import type { ExportBatch } from '@waybill/schemas';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { RenderDeps } from '../deps.ts';
import { createJobStore, jobsOf, type JobStore } from '../job/job-store.ts';
import { createRenderMetrics } from '../metrics.ts';
import { sampleSpec } from '../testing/sample-spec.ts';
import type { BatchMessage } from './partition-state.ts';
import { watchIdleJobs } from './idle-jobs.ts';
import { Partition } from './partition.ts';
import { Partitions } from './partitions.ts';

const logger = silentLogger();
const { mongo, redis, s3 } = sharedAddresses();
const store = openStore({ url: mongo.url, database: uniqueName('partition'), logger });
const storage = createStorage({ ...s3, logger });
const cancel = createCancelFlags({ url: redis.url, logger });
const keys = keyEncryptionFromSettings(testKeySettings);
const jobs = createJobStore(jobsOf(store));
const place = { topic: 'export.batches', partition: 0 } as const;

afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
  cancel.close();
  storage.close();
});

function depsWith(own: JobStore): RenderDeps {
  return {
    store: own,
    storage,
    permissions: createPermissions(store.db),
    cancel,
    opener: createOpener(keys),
    producer: { send: () => Promise.resolve(), stop: () => Promise.resolve() },
    relay: () => Promise.resolve(true),
    bucketOf: () => 'bucket',
    installation: 'main',
    fileTtlMs: 1_000_000,
    recordTtlMs: 1_000_000,
    compressionLevel: 5,
    omitReferences: false,
    deadlineMs: 1_000_000,
    progressEveryMs: 0,
    metrics: createRenderMetrics(createMetrics('test', { processMetrics: false })),
    logger,
    now: () => new Date(),
    reached: () => undefined,
  };
}

/** Creates the partition of one process. */
function partitionWith(own: JobStore = jobs): Partition {
  return new Partition(place.topic, place.partition, depsWith(own));
}

/** Returns a store through which another process claims a job each time before it is closed, a few times. */
function storeThatLoses(times: number): JobStore {
  let left = times;
  return {
    ...jobs,
    async close(claim, closing) {
      const stored = await jobs.find(claim._id);
      if (left > 0 && stored !== undefined) {
        left -= 1;
        const claimant = {
          jobId: claim._id,
          companyId: companyId('acme'),
          attempt: 1,
          stream: 0,
          spec: undefined,
        };
        await jobs.claim(claimant, { ...place, offset: BigInt(stored.first.offset) }, new Date());
      }
      return jobs.close(claim, closing);
    },
  };
}

function messageOf(job: string, offset: bigint, part: Partial<ExportBatch>): BatchMessage {
  const event = exportBatch({ job_id: job, company_id: 'acme', kind: 'end', ...part });
  const head = { key: job, id: randomUUID(), type: 'export.batches', companyId: 'acme', attempt: 1 };
  return { ...place, offset, ...head, tries: 1, at: Date.now(), event };
}

async function planOf(job: string, offset: bigint): Promise<BatchMessage> {
  const columns = [{ name: 'id', header: 'Contact ID', fieldType: 'id' }];
  const plan = { columns, total: 1, snapshotAt: Date.now() };
  const id = batchId({ company_id: 'acme', job_id: job, attempt: 1 }, 0);
  const payload = await sealPlan(await createDataKey(keys), plan, id);
  return messageOf(job, offset, { kind: 'plan', number: 0, payload, spec: sampleSpec });
}

const failedEnd = { outcome: 'failed', total: 0, failure: null } as const;
const stateOf = async (job: string) => (await jobs.find(jobId(job)))?.state;

describe('a job that another process claims while it is ended without a file', () => {
  it('is ended when the message is read again, instead of being committed with an open record', async () => {
    const job = randomUUID();
    const partition = partitionWith(storeThatLoses(1));
    const message = messageOf(job, 7n, { end: failedEnd });
    expect(await partition.apply(message)).toEqual(rewind(7n));
    expect(await stateOf(job)).toBe('open');
    expect(await partition.apply(message)).toBeUndefined();
    expect(await stateOf(job)).toBe('failed');
  });

  it('is ended when the port calls again after a dead letter', async () => {
    const job = randomUUID();
    const partition = partitionWith(storeThatLoses(1));
    const subject = {
      jobId: jobId(job),
      companyId: companyId('acme'),
      attempt: 1,
      stream: 0,
      spec: undefined,
    };
    const fail = () => partition.fail(subject, 7n, new ExportError('EXPORT_BATCH_UNREADABLE'));
    await expect(fail()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    await fail();
    expect(await stateOf(job)).toBe('failed');
  });
});

describe('a job that ends without a file', () => {
  it('stops the resolver of its attempt and of no other', async () => {
    const job = jobId(randomUUID());
    await waitFor(() => cancel.raise(jobId(randomUUID()), 1).then(() => true), {
      limitMs: 10_000,
      what: 'the connection to Redis',
    });
    await partitionWith().apply(messageOf(job, 7n, { end: failedEnd }));
    await waitFor(() => cancel.isRaised(job, 1), { limitMs: 10_000, what: 'the flag' });
    expect(await cancel.isRaised(job, 2)).toBe(false);
  });
});

describe('a second plan of a job', () => {
  it('is read from the first plan on and does not move the stored start of the stream', async () => {
    const job = randomUUID();
    expect(await partitionWith().apply(await planOf(job, 3n))).toBeUndefined();
    // The process that opened the job is gone, or has evicted it.
    const successor = partitionWith();
    expect(await successor.apply(await planOf(job, 9n))).toEqual(rewind(3n));
    expect(await successor.apply(await planOf(job, 3n))).toBeUndefined();
    expect(await successor.apply(await planOf(job, 9n))).toBeUndefined();
    expect(successor.state.open.get(jobId(job))?.first).toBe(3n);
    expect((await jobs.find(jobId(job)))?.first.offset).toBe('3');
  });

  it('starts the job when retention has deleted the first plan', async () => {
    const job = randomUUID();
    await partitionWith().apply(await planOf(job, 3n));
    const successor = partitionWith();
    expect(await successor.apply(await planOf(job, 9n))).toEqual(rewind(3n));
    // The partition starts after offset 3 by now.
    expect(await successor.apply(await planOf(job, 9n))).toBeUndefined();
    expect(successor.state.open.has(jobId(job))).toBe(true);
  });
});

describe('watchIdleJobs next to a partition whose upload is slow', () => {
  /** Opens a job on partition 0 while the work of partition 1 hangs, and watches until the condition holds. */
  async function watchUntil(
    isDone: (job: JobId, partition: Partition) => Promise<boolean>,
    options: { readonly idleMs: number; readonly heldBytes: number; readonly cancelled: boolean },
  ): Promise<void> {
    const partitions = new Partitions(depsWith(jobs));
    const gate = Promise.withResolvers<undefined>();
    const slow = partitions.of(place.topic, 1).exclusive(() => gate.promise);
    const job = jobId(randomUUID());
    const partition = partitions.of(place.topic, 0);
    await partition.exclusive(async () => partition.apply(await planOf(job, 3n)));
    if (options.cancelled) await cancel.raise(job, 1);
    const watch = async () => {
      await watchIdleJobs({
        lanes: [{ partitions, consumer: { ready: () => true } }],
        limits: { stallMs: 1_000_000, idleMs: options.idleMs },
        heldBytes: options.heldBytes,
        now: () => new Date(),
      });
      return isDone(job, partition);
    };
    await waitFor(watch, { limitMs: 10_000, what: 'the job of the other partition' });
    gate.resolve(undefined);
    await slow;
    await partitions.dropAll();
  }

  it('ends a cancelled job of another partition', () =>
    watchUntil(async (job) => (await stateOf(job)) === 'cancelled', {
      idleMs: 1_000_000,
      heldBytes: 1_000_000_000,
      cancelled: true,
    }));

  it('evicts an idle job of another partition', () =>
    watchUntil((job, { state }) => Promise.resolve(state.evicted.has(job)), {
      idleMs: 0,
      heldBytes: 0,
      cancelled: false,
    }));
});
