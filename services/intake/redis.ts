import type { Logger } from '@waybill/observability';
import { Redis } from 'ioredis';

/** A Redis that hangs may cost a request so much, and no more: then it goes on without. */
const commandTimeoutMs = 250;

/**
 * Connects in the background and keeps trying. While Redis is down every command rejects at once: each of its users
 * has a way to go on. One log line says when it goes, one when it is back.
 */
export function connectRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 200, 5_000),
  });
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) logger.warn({ error }, 'redis is down');
    down = true;
  });
  redis.on('ready', () => {
    if (down) logger.info({}, 'redis is back');
    down = false;
  });
  return redis;
}
