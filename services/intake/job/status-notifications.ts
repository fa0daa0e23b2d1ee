import { EventEmitter } from 'node:events';
import type { Logger } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import type { Redis } from 'ioredis';

/** Notifies the open streams of every instance that a job has changed. A stream whose notification is lost polls. */
export interface StatusNotifications {
  /** Returns at once; never throws. */
  notify(jobId: JobId): void;
  /** Calls the listener after each change of the job. Returns the function that unsubscribes it. */
  subscribe(jobId: JobId, listener: () => void): () => void;
  close(): void;
}

export interface StatusNotificationsDeps {
  readonly redis: Redis;
  /** Starts the name of the channel, so that several installations can share one Redis. */
  readonly prefix: string;
  readonly logger: Logger;
}

/** Creates notifications over one Redis channel for all jobs: an instance receives every change and filters by job. */
export function createStatusNotifications({
  redis,
  prefix,
  logger,
}: StatusNotificationsDeps): StatusNotifications {
  const channel = `${prefix}intake:jobs`;
  const received = new EventEmitter().setMaxListeners(0);
  // A Redis connection that subscribes can do nothing else.
  const subscriber = redis.duplicate({ autoResubscribe: true });
  subscriber.on('error', (error: Error) => logger.debug({ error }, 'status notifications interrupted'));
  subscriber.on('message', (_channel, jobId) => received.emit(jobId));
  // Subscribes at every connection: the first attempt may fail because Redis is down.
  subscriber.on('ready', () => {
    subscriber
      .subscribe(channel)
      .catch((error: unknown) => logger.debug({ error }, 'status notifications interrupted'));
  });
  return {
    notify(jobId) {
      received.emit(jobId);
      redis
        .publish(channel, jobId)
        .catch((error: unknown) => logger.debug({ error }, 'status notification not sent'));
    },
    subscribe(jobId, listener) {
      received.on(jobId, listener);
      return () => received.off(jobId, listener);
    },
    close: () => subscriber.disconnect(),
  };
}
