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
  /** The longest silence. Heartbeats keep proxies from closing the connection and show clients that it is alive. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/** A changed job, or a heartbeat when nothing has changed for a while. */
export type StreamEvent =
  { readonly kind: 'job'; readonly job: JobDocument } | { readonly kind: 'heartbeat' };

/**
 * Yields the states of a job, starting with the first version after `seen`. States that change faster than the client
 * reads are skipped, because each state is complete. Ends after a terminal state, when the job is removed, or at the
 * signal.
 */
export async function* statusStream(options: StatusStreamOptions): AsyncGenerator<StreamEvent> {
  const change = createChangeSignal();
  // A function, because the answer changes while we wait.
  const stopped = () => options.signal.aborted;
  const unsubscribe = options.notifications.subscribe(options.jobId, change.set);
  try {
    let seen = options.seen ?? 0;
    let quietMs = 0;
    while (!stopped()) {
      const job = await readJob(options);
      if (job === 'removed') return;
      if (job !== undefined && job.version > seen) {
        seen = job.version;
        quietMs = 0;
        yield { kind: 'job', job };
      }
      if (job !== undefined && isTerminal(job.status)) return;
      const waitMs = Math.min(options.pollMs, options.heartbeatMs - quietMs);
      const changed = await change.wait(waitMs, options.signal);
      quietMs = changed ? quietMs : quietMs + waitMs;
      if (quietMs >= options.heartbeatMs && !stopped()) {
        quietMs = 0;
        yield { kind: 'heartbeat' };
      }
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
    /** Waits at most `limitMs`. Returns true when the flag was set, and clears it. */
    async wait(limitMs: number, signal: AbortSignal): Promise<boolean> {
      if (!isSet) {
        const either = AbortSignal.any([woken.signal, signal]);
        await delay(limitMs, undefined, { signal: either }).catch(() => undefined);
      }
      const answer = isSet;
      isSet = false;
      woken = new AbortController();
      return answer;
    },
  };
}
