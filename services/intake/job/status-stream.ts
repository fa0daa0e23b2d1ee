import { setTimeout as delay } from 'node:timers/promises';
import type { JobId } from '@waybill/domain';
import { isTerminal } from './job.ts';
import type { JobDocument } from './job-store.ts';
import type { StatusNotifications } from './status-notifications.ts';

export interface StatusStreamOptions {
  /** Returns undefined when the job was removed. Throws while MongoDB is down; the next poll tries again. */
  readonly read: () => Promise<JobDocument | undefined>;
  readonly jobId: JobId;
  /** The version that the client has, when it resumes a stream. */
  readonly seen: number | undefined;
  readonly notifications: Pick<StatusNotifications, 'subscribe'>;
  /** How often the job is read when no notification arrives. */
  readonly pollMs: number;
  readonly signal: AbortSignal;
}

/**
 * Yields the states of a job, starting with the first version after `seen`. States that change faster than the client
 * reads are skipped, because each state is complete. Ends after a terminal state, when the job is removed, or at the
 * signal.
 */
export async function* statusStream(options: StatusStreamOptions): AsyncGenerator<JobDocument, void> {
  const { jobId, notifications, pollMs, signal } = options;
  const change = createChangeSignal();
  // A function, because the answer changes while we wait.
  const stopped = () => signal.aborted;
  const unsubscribe = notifications.subscribe(jobId, change.set);
  try {
    let seen = options.seen ?? 0;
    while (!stopped()) {
      const job = await readJob(options);
      if (job === 'removed') return;
      if (job !== undefined && job.version > seen) {
        seen = job.version;
        yield job;
      }
      if (job !== undefined && isTerminal(job.status)) return;
      await change.wait(pollMs, signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Returns undefined while MongoDB does not answer, so that a stream survives an outage. */
async function readJob({ read }: StatusStreamOptions): Promise<JobDocument | 'removed' | undefined> {
  try {
    return (await read()) ?? 'removed';
  } catch {
    return undefined;
  }
}

/** Creates a flag that can be awaited. It stays set when it is set while nobody waits. */
function createChangeSignal() {
  let isSet = false;
  let woken = new AbortController();
  return {
    set: (): void => {
      isSet = true;
      woken.abort();
    },
    /** Waits until the flag is set, the time is over or the signal is aborted, and clears the flag. */
    async wait(limitMs: number, signal: AbortSignal): Promise<void> {
      if (!isSet) {
        const either = AbortSignal.any([woken.signal, signal]);
        await delay(limitMs, undefined, { signal: either }).catch(() => undefined);
      }
      isSet = false;
      woken = new AbortController();
    },
  };
}
