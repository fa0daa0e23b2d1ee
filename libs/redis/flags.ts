import type { Logger } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import pTimeout, { TimeoutError } from 'p-timeout';
import { connectRedis } from './connect-redis.ts';

/** Lifetime of a flag in seconds: that of the batches of its attempt. */
const ttlSeconds = 86_400;

/** Pause in ms after a read without an answer in time. */
const pauseMs = 1_000;

export interface CancelFlagsOptions {
  /** Such as `redis://127.0.0.1:6379`. */
  readonly url: string;
  readonly logger: Logger;
  /**
   * How long one read may take. The flag is read once per batch, before its rows are processed: a Redis that does not
   * answer delays an export by this much at most. 250 ms by default.
   */
  readonly timeoutMs?: number;
}

/**
 * Flags of attempts that are to end. Intake raises one when a cancellation is requested, render when it has closed a job
 * before the resolver was done. A flag is never lowered: it expires, and a later attempt has another one.
 */
export interface CancelFlags {
  /**
   * Raises the flag for a day.
   * @throws Error while Redis cannot be reached.
   */
  raise(jobId: JobId, attempt: number): Promise<void>;
  /**
   * Returns false while Redis cannot be reached: the job is then cancelled later, because intake raises the flag again
   * until the job has ended. Never throws.
   */
  isRaised(jobId: JobId, attempt: number): Promise<boolean>;
  close(): void;
}

export function cancelKey(jobId: JobId, attempt: number): string {
  return `cancel:${jobId}:${attempt}`;
}

/** Returns the flags in Redis. Connects in the background: a read before the first connection returns false. */
export function createCancelFlags(options: CancelFlagsOptions): CancelFlags {
  const { url, logger, timeoutMs = 250 } = options;
  const redis = connectRedis({ url, name: 'cancel flags', logger, socketTimeoutMs: 5_000 });
  let askAgainAt = 0;

  return {
    async raise(jobId, attempt) {
      await redis.set(cancelKey(jobId, attempt), '1', 'EX', ttlSeconds);
    },
    async isRaised(jobId, attempt) {
      if (performance.now() < askAgainAt) return false;
      try {
        return (await pTimeout(redis.exists(cancelKey(jobId, attempt)), { milliseconds: timeoutMs })) === 1;
      } catch (error) {
        // Otherwise every batch of every job would wait for the timeout.
        if (error instanceof TimeoutError) askAgainAt = performance.now() + pauseMs;
        logger.debug({ error, job_id: jobId }, 'cancel flag not read');
        return false;
      }
    },
    close: () => redis.disconnect(),
  };
}

/** Settings as `redisSettings` of @waybill/config reads them. */
export interface RedisSettings {
  readonly REDIS_URL: string;
  readonly REDIS_TIMEOUT_MS: number;
}

/** Returns the flags of a service from its settings. */
export function cancelFlagsFromSettings(settings: RedisSettings, logger: Logger): CancelFlags {
  return createCancelFlags({ url: settings.REDIS_URL, timeoutMs: settings.REDIS_TIMEOUT_MS, logger });
}
