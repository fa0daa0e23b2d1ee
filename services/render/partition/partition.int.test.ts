import { randomUUID } from 'node:crypto';
import { companyId, jobId, type JobId } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import { rewind } from '@waybill/kafka';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobStore } from '../job/job-store.ts';
import { openPartitionRig, place, type PartitionRig } from '../testing/partition-rig.ts';
import { watchIdleJobs } from './idle-jobs.ts';
import type { Partition } from './partition.ts';
import { Partitions } from './partitions.ts';

let rig: PartitionRig;

beforeAll(async () => {
  rig = await openPartitionRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Returns a store through which another process claims a job each time before it is closed, a few times. */
function storeThatLoses(times: number): JobStore {
  let left = times;
  return {
    ...rig.jobs,
    async close(claim, closing) {
      const stored = await rig.jobs.find(claim._id);
      if (left > 0 && stored !== undefined) {
        left -= 1;
        const claimant = {
          jobId: claim._id,
          companyId: companyId('acme'),
          attempt: 1,
          stream: 0,
          spec: undefined,
        };
        await rig.jobs.claim(claimant, { ...place, offset: BigInt(stored.first.offset) }, new Date());
      }
      return rig.jobs.close(claim, closing);
    },
  };
}

const failedEnd = { outcome: 'failed', total: 0, failure: null } as const;
const endOf = (job: string) => rig.end(job, 7n, { number: 0, end: failedEnd });
const stateOf = async (job: string) => (await rig.stored(job))?.state;

describe('a job that another process claims while it is ended without a file', () => {
  it('is ended when the message is read again, instead of being committed with an open record', async () => {
    const job = randomUUID();
    const partition = rig.partition({ store: storeThatLoses(1) });
    const message = endOf(job);
    expect(await partition.apply(message)).toEqual(rewind(7n));
    expect(await stateOf(job)).toBe('open');
    expect(await partition.apply(message)).toBeUndefined();
    expect(await stateOf(job)).toBe('failed');
  });

  it('is ended when the port calls again after a dead letter', async () => {
    const job = randomUUID();
    const partition = rig.partition({ store: storeThatLoses(1) });
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
    await rig.partition().apply(endOf(job));
    await waitFor(() => rig.cancel.isRaised(job, 1), { limitMs: 10_000, what: 'the flag' });
    expect(await rig.cancel.isRaised(job, 2)).toBe(false);
  });
});

describe('a second plan of a job', () => {
  it('is read from the first plan on and does not move the stored start of the stream', async () => {
    const job = randomUUID();
    expect(await rig.partition().apply(await rig.plan(job, 3n, 1))).toBeUndefined();
    // The process that opened the job is gone, or has evicted it.
    const successor = rig.partition();
    expect(await successor.apply(await rig.plan(job, 9n, 1))).toEqual(rewind(3n));
    expect(await successor.apply(await rig.plan(job, 3n, 1))).toBeUndefined();
    expect(await successor.apply(await rig.plan(job, 9n, 1))).toBeUndefined();
    expect(successor.state.open.get(jobId(job))?.first).toBe(3n);
    expect((await rig.stored(job))?.first.offset).toBe('3');
  });

  it('starts the job when retention has deleted the first plan', async () => {
    const job = randomUUID();
    await rig.partition().apply(await rig.plan(job, 3n, 1));
    const successor = rig.partition();
    expect(await successor.apply(await rig.plan(job, 9n, 1))).toEqual(rewind(3n));
    // The partition starts after offset 3 by now.
    expect(await successor.apply(await rig.plan(job, 9n, 1))).toBeUndefined();
    expect(successor.state.open.has(jobId(job))).toBe(true);
  });
});

describe('watchIdleJobs next to a partition whose upload is slow', () => {
  /** Opens a job on partition 0 while the work of partition 1 hangs, and watches until the condition holds. */
  async function watchUntil(
    isDone: (job: JobId, partition: Partition) => Promise<boolean>,
    options: { readonly idleMs: number; readonly heldBytes: number; readonly cancelled: boolean },
  ): Promise<void> {
    const partitions = new Partitions(rig.deps());
    const gate = Promise.withResolvers<undefined>();
    const slow = partitions.of(place.topic, 1).exclusive(() => gate.promise);
    const job = jobId(randomUUID());
    const partition = partitions.of(place.topic, 0);
    await partition.exclusive(async () => partition.apply(await rig.plan(job, 3n, 1)));
    if (options.cancelled) await rig.cancel.raise(job, 1);
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
