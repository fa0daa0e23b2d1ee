import { EventEmitter } from 'node:events';
import type { Logger } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import type { Redis } from 'ioredis';

/** Tells the open streams of every instance that a job has changed. Lost ones are made good by the streams' poll. */
export interface WakeUps {
  /** Returns at once; never throws. */
  wake(jobId: JobId): void;
  /** Calls the listener after each change until the returned function is called. */
  listen(jobId: JobId, listener: () => void): () => void;
  close(): void;
}

export interface WakeUpsOptions {
  readonly redis: Redis;
  /** Put before the channel, so that several installations can share one Redis. */
  readonly prefix: string;
  readonly logger: Logger;
}

/** One channel for all jobs: an instance hears of every change, and wakes only who listens. */
export function createWakeUps({ redis, prefix, logger }: WakeUpsOptions): WakeUps {
  const channel = `${prefix}intake:jobs`;
  const heard = new EventEmitter().setMaxListeners(0);
  // A connection that subscribes can do nothing else.
  const subscriber = redis.duplicate({ autoResubscribe: true });
  subscriber.on('error', (error: Error) => logger.debug({ error }, 'wake-ups are late'));
  subscriber.on('message', (_channel, jobId) => heard.emit(jobId));
  // It is subscribed again at every connection; the first time may be while Redis is down.
  subscriber.on('ready', () => {
    subscriber.subscribe(channel).catch((error: unknown) => logger.debug({ error }, 'wake-ups are late'));
  });
  return {
    wake(jobId) {
      heard.emit(jobId);
      redis.publish(channel, jobId).catch((error: unknown) => logger.debug({ error }, 'wake-up not sent'));
    },
    listen(jobId, listener) {
      heard.on(jobId, listener);
      return () => heard.off(jobId, listener);
    },
    close: () => subscriber.disconnect(),
  };
}
