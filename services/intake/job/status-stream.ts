import { setTimeout as delay } from 'node:timers/promises';
import type { JobId } from '@waybill/domain';
import { isTerminal } from './job.ts';
import type { JobDocument } from './job-store.ts';
import type { WakeUps } from './status-notifications.ts';

export interface LiveOptions {
  /** Undefined when the job is gone. @throws while MongoDB is down: then the next look may succeed. */
  readonly read: () => Promise<JobDocument | undefined>;
  readonly jobId: JobId;
  /** The version that the client has seen, where it takes a stream up again. */
  readonly seen: number | undefined;
  readonly wakeUps: Pick<WakeUps, 'listen'>;
  /** A look at the job without being woken. */
  readonly pollMs: number;
  /** Silence longer than this is broken, so that proxies keep the connection and clients notice a dead one. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/** The job has changed, or nothing has happened for a while. */
export type LiveEvent = { readonly kind: 'job'; readonly job: JobDocument } | { readonly kind: 'heartbeat' };

/**
 * A job's states as they come, from the one after `seen`. States that follow each other faster than they are read are
 * skipped: each is the whole truth at its time. Ends after a terminal state, when the job is gone, or at the signal.
 */
export async function* liveEvents(options: LiveOptions): AsyncGenerator<LiveEvent> {
  const bell = createBell();
  // A function, since the answer changes while we wait.
  const stopped = () => options.signal.aborted;
  const unlisten = options.wakeUps.listen(options.jobId, bell.ring);
  try {
    let seen = options.seen ?? 0;
    let quietMs = 0;
    while (!stopped()) {
      const job = await look(options);
      if (job === 'gone') return;
      if (job !== undefined && job.version > seen) {
        seen = job.version;
        quietMs = 0;
        yield { kind: 'job', job };
      }
      if (job !== undefined && isTerminal(job.status)) return;
      const waitMs = Math.min(options.pollMs, options.heartbeatMs - quietMs);
      const rung = await bell.wait(waitMs, options.signal);
      quietMs = rung ? quietMs : quietMs + waitMs;
      if (quietMs >= options.heartbeatMs && !stopped()) {
        quietMs = 0;
        yield { kind: 'heartbeat' };
      }
    }
  } finally {
    unlisten();
  }
}

/** Undefined while MongoDB does not answer: a stream outlives that. */
async function look({ read }: LiveOptions): Promise<JobDocument | 'gone' | undefined> {
  try {
    return (await read()) ?? 'gone';
  } catch {
    return undefined;
  }
}

/** Remembers a ring that came while nobody waited. */
function createBell() {
  let rung = false;
  let woken = new AbortController();
  return {
    ring: (): void => {
      rung = true;
      woken.abort();
    },
    /** True when it rang before the time was over. */
    async wait(limitMs: number, signal: AbortSignal): Promise<boolean> {
      if (!rung) {
        const either = AbortSignal.any([woken.signal, signal]);
        await delay(limitMs, undefined, { signal: either }).catch(() => undefined);
      }
      const answer = rung;
      rung = false;
      woken = new AbortController();
      return answer;
    },
  };
}
