import type { Logger } from '@waybill/logging';
import type { JobId } from '@waybill/vocabulary';
import { Redis } from 'ioredis';

/** A flag lives as long as its batches do. */
const ttlSeconds = 86_400;

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
    commandTimeout: options.timeoutMs ?? 200,
    connectTimeout: 2_000,
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

  return {
    async raise(jobId) {
      await redis.set(cancelKey(jobId), '1', 'EX', ttlSeconds);
    },
    async isRaised(jobId) {
      try {
        return (await redis.exists(cancelKey(jobId))) === 1;
      } catch (error) {
        options.logger.debug({ error, job_id: jobId }, 'cancel flag not read');
        return false;
      }
    },
    close: () => redis.disconnect(),
  };
}
