import type { EventConsumer } from '@waybill/kafka';
import { isIdle, type IdleLimits } from './idle-policy.ts';
import type { Partition } from './partition.ts';
import type { Partitions } from './partitions.ts';

/** One lane: its consumer and the partitions that it reads. */
export interface Lane {
  readonly partitions: Partitions;
  readonly consumer: Pick<EventConsumer, 'ready'>;
}

export interface IdleJobsOptions {
  readonly lanes: readonly Lane[];
  readonly limits: IdleLimits;
  /** Bytes that all files in progress may hold before idle jobs are evicted. */
  readonly heldBytes: number;
  readonly now: () => Date;
}

/**
 * Handles stalled and cancelled jobs that get no messages, and evicts idle jobs. Does not wait for partitions that are busy,
 * so that one slow upload does not delay the others; they are watched when their message has been applied.
 * @throws ExportError SERVICE_UNAVAILABLE
 */
export async function watchIdleJobs(options: IdleJobsOptions): Promise<void> {
  await Promise.all(
    options.lanes.flatMap(({ consumer, partitions }) =>
      partitions.all().map((partition) => {
        // A consumer that is not connected cannot know whether there are unread messages.
        if (!consumer.ready()) partition.markBehind();
        return watch(partition, options.limits);
      }),
    ),
  );
  await evictIdleJobs(options);
}

async function watch(partition: Partition, limits: IdleLimits): Promise<void> {
  const { state } = partition;
  if (state.watchPending) return;
  state.watchPending = true;
  const isBusy = partition.isBusy();
  const ended = partition
    .exclusive(() => partition.endIdle(limits))
    .finally(() => {
      state.watchPending = false;
    });
  if (!isBusy) return ended;
  // A later watch of the partition fails again, and is awaited then.
  ended.catch(() => undefined);
}

/**
 * Evicts idle jobs, the longest idle first, until the files in progress hold no more than they may. An evicted job keeps
 * its offsets uncommitted and is read again when its next batch arrives.
 */
async function evictIdleJobs({ lanes, limits, heldBytes, now }: IdleJobsOptions): Promise<void> {
  const all = lanes.flatMap(({ partitions }) => partitions.all());
  const idle = all
    .flatMap((partition) => [...partition.state.open.values()].map((open) => ({ partition, open })))
    .filter(({ open }) => isIdle(open, now().getTime(), limits))
    .sort((a, b) => a.open.lastMessageAt - b.open.lastMessageAt);
  for (const { partition, open } of idle) {
    if (bytesHeldBy(all) <= heldBytes) return;
    if (!partition.isBusy()) await partition.exclusive(() => partition.evictIdle(open, limits));
  }
}

function bytesHeldBy(partitions: readonly Partition[]): number {
  return partitions
    .flatMap(({ state }) => [...state.open.values()])
    .reduce((sum, { file }) => sum + file.heldBytes(), 0);
}
