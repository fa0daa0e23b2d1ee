import type { Logger } from '@waybill/observability';
import { Redis } from 'ioredis';

export interface RedisOptions {
  /** Such as `redis://127.0.0.1:6379`. */
  readonly url: string;
  /** What the connection is for, such as `rate limits`; a field of its log lines. */
  readonly name: string;
  readonly logger: Logger;
  /** How long a command may take before it rejects; without a limit by default. */
  readonly commandTimeoutMs?: number;
  /** A connection that answers no command for this long is closed and opened again; never by default. */
  readonly socketTimeoutMs?: number;
}

/**
 * Connects in the background and keeps trying. While Redis is down every command rejects at once: its caller continues
 * without it. Logs `redis is down` once when the connection is lost, and `redis is back` once when it is open again.
 */
export function connectRedis({ url, name, logger, commandTimeoutMs, socketTimeoutMs }: RedisOptions): Redis {
  const redis = new Redis(url, {
    connectTimeout: 2_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 200, 5_000),
    ...(commandTimeoutMs === undefined ? {} : { commandTimeout: commandTimeoutMs }),
    ...(socketTimeoutMs === undefined ? {} : { socketTimeout: socketTimeoutMs }),
  });
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) logger.warn({ connection: name, error }, 'redis is down');
    down = true;
  });
  redis.on('ready', () => {
    if (down) logger.info({ connection: name }, 'redis is back');
    down = false;
  });
  return redis;
}
