import { randomUUID } from 'node:crypto';
import { jobId } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import { rewind } from '@waybill/kafka';
import { createStorage } from '@waybill/object-storage';
import { silentLogger } from '@waybill/observability';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { JobStore } from '../job/job-store.ts';
import { openPartitionRig, place, type PartitionRig } from '../testing/partition-rig.ts';
import type { Partition } from './partition.ts';
import type { BatchMessage } from './partition-state.ts';

/** The steps of a job on a partition, message by message, and what the partition remembers after each. */

let rig: PartitionRig;

beforeAll(async () => {
  rig = await openPartitionRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const resolved = (total: number) => ({ outcome: 'resolved', total, failure: null }) as const;
const limits = { stallMs: 60_000, idleMs: 60_000 };
const unavailable = () => Promise.reject(new ExportError('SERVICE_UNAVAILABLE'));

/** A job of four contacts in two batches, with its plan at offset 3. */
async function sampleStream(
  part: { readonly attempt?: number; readonly stream?: number; readonly at?: number } = {},
) {
  const id = randomUUID();
  return streamOf(id, 3n, part);
}

async function streamOf(
  id: string,
  first: bigint,
  part: { readonly attempt?: number; readonly stream?: number; readonly at?: number } = {},
) {
  return {
    id: jobId(id),
    plan: await rig.plan(id, first, 4, part),
    one: await rig.rows(id, first + 1n, { number: 1, from: 0, ids: ['a', 'b'], ...part }),
    two: await rig.rows(id, first + 2n, { number: 2, from: 2, ids: ['c', 'd'], ...part }),
    end: rig.end(id, first + 3n, { number: 3, end: resolved(4), ...part }),
  };
}

/** Applies messages that must not lead to another outcome. */
async function applyAll(partition: Partition, messages: readonly BatchMessage[]): Promise<void> {
  for (const message of messages) expect(await partition.apply(message)).toBeUndefined();
}

/** Returns the jobs whose batches were asked for again. */
function asked(): readonly unknown[] {
  return rig.sent.flatMap(({ event }) => {
    const { job_id, batches_lost } = event as { readonly job_id: string; readonly batches_lost?: boolean };
    return batches_lost === true ? [job_id] : [];
  });
}

describe('a job whose messages all arrive', () => {
  it('is open from its plan to its end, and holds the offsets back until then', async () => {
    const partition = rig.partition();
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one]);
    expect(partition.state.open.get(id)).toMatchObject({ first: 3n, stream: { nextNumber: 2, position: 2 } });
    expect(partition.state.commitOffset(5n)).toBe(3n);
    await applyAll(partition, [two, end]);
    expect(partition.state.open.size).toBe(0);
    expect(partition.state.commitOffset(7n)).toBe(7n);
    expect(partition.state.hasEnded(id, 1)).toBe(true);
    expect(await rig.stored(id)).toMatchObject({ state: 'succeeded', receipt: { matched: 4, written: 4 } });
  });

  it('is changed by no message that arrives twice, before or after its end', async () => {
    const partition = rig.partition();
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one, plan, one, two, one, end]);
    const stored = await rig.stored(id);
    expect(stored).toMatchObject({ state: 'succeeded', receipt: { written: 4 } });
    await applyAll(partition, [plan, two, end]);
    expect(await rig.stored(id)).toEqual(stored);
  });

  it('is not started by messages that are older than the records of jobs', async () => {
    const partition = rig.partition();
    const { id, plan, one } = await sampleStream({ at: Date.now() - 2_000_000 });
    await applyAll(partition, [plan, one]);
    expect(partition.state.open.size).toBe(0);
    expect(await rig.stored(id)).toBeUndefined();
  });

  it('ends as cancelled at the next message after its flag is raised', async () => {
    const partition = rig.partition();
    const { id, plan, one } = await sampleStream();
    await applyAll(partition, [plan]);
    await rig.cancel.raise(id, 1);
    await applyAll(partition, [one]);
    expect((await rig.stored(id))?.state).toBe('cancelled');
    expect(partition.state.hasEnded(id, 1)).toBe(true);
  });
});

describe('a gap in a stream', () => {
  it('reads the job again once, then lets it go and asks for its batches', async () => {
    const partition = rig.partition();
    const { id, plan, one, end } = await sampleStream();
    await applyAll(partition, [plan, one]);
    expect(await partition.apply(end)).toEqual(rewind(3n));
    // What is read again has been applied.
    await applyAll(partition, [plan, one]);
    expect(asked()).not.toContain(id);
    await applyAll(partition, [end]);
    expect(asked()).toContain(id);
    expect(partition.state.commitOffset(7n)).toBe(7n);
    expect(await rig.stored(id)).toMatchObject({ state: 'open', epoch: 1 });

    // The rest of the stream is ignored. The next stream starts the file again.
    await applyAll(partition, [plan, one, end]);
    expect(partition.state.open.size).toBe(0);
    const again = await streamOf(id, 20n, { stream: 1 });
    await applyAll(partition, [again.plan, one, again.one, again.two, again.end]);
    expect(await rig.stored(id)).toMatchObject({ state: 'succeeded', epoch: 2, stream: 1 });
  });

  it('is filled when the missing batch comes with the second reading', async () => {
    const partition = rig.partition();
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one]);
    expect(await partition.apply(end)).toEqual(rewind(3n));
    await applyAll(partition, [plan, one, two, end]);
    expect((await rig.stored(id))?.state).toBe('succeeded');
  });

  it('fails the job if its batches were produced again before', async () => {
    const partition = rig.partition();
    const { id, plan, end } = await sampleStream({ stream: 1 });
    await applyAll(partition, [plan]);
    expect(await partition.apply(end)).toEqual(rewind(3n));
    await applyAll(partition, [plan, end]);
    const failure = { code: 'EXPORT_BATCH_UNREADABLE' };
    expect(await rig.stored(id)).toMatchObject({ state: 'failed', failure });
  });
});

describe('a newer stream or attempt', () => {
  it('replaces the file of the older stream, whose late messages are ignored', async () => {
    const partition = rig.partition();
    const old = await sampleStream();
    const next = await streamOf(old.id, 10n, { stream: 2 });
    await applyAll(partition, [old.plan, old.one, next.plan]);
    expect(partition.state.open.get(old.id)).toMatchObject({ first: 10n, claim: { epoch: 2 } });
    await applyAll(partition, [old.two, old.end, old.plan, next.one, next.two, next.end]);
    expect(await rig.stored(old.id)).toMatchObject({ state: 'succeeded', stream: 2, epoch: 2 });
  });

  it('replaces the file of an older attempt that another process has ended', async () => {
    const partition = rig.partition();
    const old = await sampleStream();
    const next = await streamOf(old.id, 10n, { attempt: 2 });
    await applyAll(partition, [old.plan, old.one, next.plan]);
    expect(partition.state.hasEnded(old.id, 1)).toBe(true);
    await applyAll(partition, [old.two, next.one, next.two, next.end]);
    expect(await rig.stored(old.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });
});

describe('an idle job', () => {
  it('is evicted with its offsets held back, and read again from its plan when its next batch arrives', async () => {
    const partition = rig.partition();
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one]);
    const open = partition.state.open.get(id);
    if (open === undefined) throw new Error('The job is not open.');
    await partition.evictIdle(open, { ...limits, idleMs: 0 });
    expect([...partition.state.evicted.keys()]).toEqual([id]);
    expect(partition.state.commitOffset(5n)).toBe(3n);
    expect(await partition.apply(two)).toEqual(rewind(3n));
    await applyAll(partition, [plan, one, two, end]);
    expect(await rig.stored(id)).toMatchObject({ state: 'succeeded', epoch: 2 });
  });

  it('is asked for again when it stalls, open or evicted, but not while its partition has unread messages', async () => {
    const partition = rig.partition();
    const open = await sampleStream();
    const evicted = await sampleStream();
    await applyAll(partition, [open.plan, evicted.plan]);
    const idle = partition.state.open.get(evicted.id);
    if (idle === undefined) throw new Error('The job is not open.');
    await partition.evictIdle(idle, { ...limits, idleMs: 0 });
    const now = rig.aheadMs;
    onTestFinished(() => void (rig.aheadMs = now));
    rig.aheadMs += limits.stallMs + 1_000;
    partition.markBehind();
    await partition.endIdle(limits);
    expect(asked()).not.toContain(open.id);

    rig.aheadMs += limits.stallMs + 1_000;
    await partition.endIdle(limits);
    expect(asked()).toEqual(expect.arrayContaining([open.id, evicted.id]));
    expect(partition.state.open.size + partition.state.evicted.size).toBe(0);
  });
});

describe('a partition that the group has given back', () => {
  it('keeps the file of a job whose claim is the newest, and continues after its last message', async () => {
    const partition = rig.partition();
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one]);
    partition.state.next = 5n;
    expect(await partition.checkClaims()).toBe(5n);
    await applyAll(partition, [two, end]);
    expect(await rig.stored(id)).toMatchObject({ state: 'succeeded', epoch: 1 });
  });

  it('reads a job again that another process has claimed meanwhile', async () => {
    const partition = rig.partition();
    const { id, plan, one } = await sampleStream();
    await applyAll(partition, [plan, one]);
    partition.state.next = 5n;
    await applyAll(rig.partition(), [plan]);
    expect(await partition.checkClaims()).toBe(3n);
    expect([...partition.state.evicted.keys()]).toEqual([id]);
    expect(partition.state.next).toBe(3n);
  });

  it('drops a job that another process has ended, and leaves the start to the committed offset', async () => {
    const partition = rig.partition();
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one]);
    await applyAll(rig.partition(), [plan, one, two, end]);
    expect(await partition.checkClaims()).toBeUndefined();
    expect(partition.state.hasEnded(id, 1)).toBe(true);
  });
});

describe('a job whose servers are away', () => {
  /** Storage that refuses connections. */
  function awayStorage() {
    const storage = createStorage({
      endpoint: 'http://127.0.0.1:9',
      region: 'id',
      accessKeyId: 'a',
      secretAccessKey: 'b',
      logger: silentLogger(),
    });
    onTestFinished(() => storage.close());
    return storage;
  }

  it('is read again from its plan, and completes when they are back', async () => {
    const deps = { storage: awayStorage() };
    const partition = rig.partition(deps);
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one, two]);
    expect(await partition.apply(end)).toMatchObject({ kind: 'rewind', to: 3n, cause: { retryable: true } });
    expect([...partition.state.evicted.keys()]).toEqual([id]);
    const successor = rig.partition();
    await applyAll(successor, [plan, one, two, end]);
    expect(await rig.stored(id)).toMatchObject({ state: 'succeeded', epoch: 2 });
  });

  it('fails with the cause past its deadline', async () => {
    const partition = rig.partition({ storage: awayStorage() });
    const { id, plan, one, two, end } = await sampleStream({ at: Date.now() - 100_000 });
    await applyAll(partition, [plan, one, two, end]);
    const failure = { code: 'STORAGE_UNAVAILABLE' };
    expect(await rig.stored(id)).toMatchObject({ state: 'failed', failure });
    expect(partition.state.commitOffset(7n)).toBe(7n);
  });

  it('waits past its deadline until its end can be stored', async () => {
    let away = true;
    const store: JobStore = {
      ...rig.jobs,
      close: (claim, closing) => (away ? unavailable() : rig.jobs.close(claim, closing)),
    };
    const partition = rig.partition({ storage: awayStorage(), store });
    const { id, plan, one, two, end } = await sampleStream({ at: Date.now() - 100_000 });
    const messages = [plan, one, two];
    await applyAll(partition, messages);
    expect(await partition.apply(end)).toMatchObject({ kind: 'rewind', to: 3n, cause: { retryable: true } });
    expect((await rig.stored(id))?.state).toBe('open');
    away = false;
    await applyAll(partition, [...messages, end]);
    expect(await rig.stored(id)).toMatchObject({ state: 'failed', failure: { code: 'STORAGE_UNAVAILABLE' } });
  });
});

describe('a message that cannot be read', () => {
  it('is dead-lettered, which ends its job and no other', async () => {
    const partition = rig.partition();
    const { id, plan, one } = await sampleStream();
    const other = await sampleStream();
    await applyAll(partition, [plan, other.plan]);
    const foreign = { ...one, event: { ...one.event, number: 1, payload: other.two.event.payload } };
    const outcome = await partition.apply(foreign);
    expect(outcome).toMatchObject({ kind: 'dead-letter', cause: { code: 'EXPORT_BATCH_UNREADABLE' } });
    const subject = partition.state.open.get(id)?.subject;
    if (subject === undefined) throw new Error('The job is not open.');
    await partition.fail(subject, one.offset, new ExportError('EXPORT_BATCH_UNREADABLE'));
    expect(await rig.stored(id)).toMatchObject({ state: 'failed' });
    expect([...partition.state.open.keys()]).toEqual([other.id]);
    await applyAll(partition, [other.one, other.two, other.end]);
    expect((await rig.stored(other.id))?.state).toBe('succeeded');
  });
});

describe('a partition that is given up', () => {
  it('abandons its files and leaves their jobs open for the next process', async () => {
    const partition = rig.partition();
    const { id, plan, one, two, end } = await sampleStream();
    await applyAll(partition, [plan, one]);
    await partition.abandonAll();
    expect(partition.state.open.size).toBe(0);
    const successor = rig.partition();
    expect(await successor.apply(two)).toEqual(rewind(3n));
    await applyAll(successor, [plan, one, two, end]);
    expect(await rig.stored(id)).toMatchObject({ state: 'succeeded', first: { ...place, offset: '3' } });
  });
});
