import type { Logger } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import { Redis } from 'ioredis';

/** A flag lives as long as its batches do. */
const ttlSeconds = 86_400;

/** How long a Redis that did not answer is left alone. */
const pauseMs = 1_000;

export interface CancelFlagsOptions {
  /** Such as `redis://127.0.0.1:6379`. */
  readonly url: string;
  readonly logger: Logger;
  /**
   * How long one question may take. It is asked once per batch, on the way of the rows: a Redis that hangs may slow
   * an export, but not by more than this each time.
   */
  readonly timeoutMs?: number;
}

/** Whether a job is to be cancelled, as intake says it in Redis. */
export interface CancelFlags {
  /** Raises the flag for a day. @throws Error while Redis cannot be reached. */
  raise(jobId: JobId): Promise<void>;
  /**
   * False while Redis cannot be reached: then a cancel comes late, and intake raises the flag again until the job has
   * ended. Never throws.
   */
  isRaised(jobId: JobId): Promise<boolean>;
  close(): void;
}

export function cancelKey(jobId: JobId): string {
  return `cancel:${jobId}`;
}

/** Connects in the background; the first questions may come before the connection and answer false. */
export function createCancelFlags(options: CancelFlagsOptions): CancelFlags {
  const redis = new Redis(options.url, {
    connectTimeout: 2_000,
    // A connection that answers nothing for so long is given up, and made anew.
    socketTimeout: 5_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 200, 5_000),
  });
  // One line when it goes and one when it is back, not one for every batch.
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) options.logger.warn({ error }, 'redis is down: cancels come late');
    down = true;
  });
  redis.on('ready', () => {
    if (down) options.logger.info({}, 'redis is back');
    down = false;
  });

  const timeoutMs = options.timeoutMs ?? 200;
  let askAgainAt = 0;

  return {
    async raise(jobId) {
      await redis.set(cancelKey(jobId), '1', 'EX', ttlSeconds);
    },
    async isRaised(jobId) {
      if (performance.now() < askAgainAt) return false;
      try {
        return (await within(redis.exists(cancelKey(jobId)), timeoutMs)) === 1;
      } catch (error) {
        // Or every batch of every job would wait for a Redis that hangs.
        if (error instanceof TookTooLong) askAgainAt = performance.now() + pauseMs;
        options.logger.debug({ error, job_id: jobId }, 'cancel flag not read');
        return false;
      }
    },
    close: () => redis.disconnect(),
  };
}

class TookTooLong extends Error {}

/** The answer, if it comes in time; a later one is dropped. */
async function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TookTooLong(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  // Whichever comes second must not count as unhandled.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
