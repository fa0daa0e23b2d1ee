import type { Logger } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import pTimeout, { TimeoutError } from 'p-timeout';
import { connectRedis } from './connect-redis.ts';

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
  const { url, logger, timeoutMs = 200 } = options;
  const redis = connectRedis({ url, name: 'cancel flags', logger, socketTimeoutMs: 5_000 });
  let askAgainAt = 0;

  return {
    async raise(jobId) {
      await redis.set(cancelKey(jobId), '1', 'EX', ttlSeconds);
    },
    async isRaised(jobId) {
      if (performance.now() < askAgainAt) return false;
      try {
        return (await pTimeout(redis.exists(cancelKey(jobId)), { milliseconds: timeoutMs })) === 1;
      } catch (error) {
        // Or every batch of every job would wait for a Redis that hangs.
        if (error instanceof TimeoutError) askAgainAt = performance.now() + pauseMs;
        logger.debug({ error, job_id: jobId }, 'cancel flag not read');
        return false;
      }
    },
    close: () => redis.disconnect(),
  };
}
