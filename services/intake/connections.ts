import { authenticatorFromSettings, type Authenticator } from '@waybill/auth';
import { createContactSource, type ContactSource } from '@waybill/contacts';
import { cancelKey, connectRedis, createCancelFlags } from '@waybill/redis';
import { createKafka, type EventProducer, type Kafka } from '@waybill/kafka';
import type { Logger } from '@waybill/observability';
import type { ServiceContext } from '@waybill/service';
import { openStore, type Store } from '@waybill/mongo';
import { Redis } from 'ioredis';
import { cacheContactMetadata } from './admission/contact-metadata-cache.ts';
import type { IntakeConfig } from './config.ts';
import type { CancelFlags } from './job/cancel.ts';
import { createStatusNotifications, type StatusNotifications } from './job/status-notifications.ts';

/** The clients of every server that this service uses. */
export interface Connections {
  readonly store: Store;
  readonly contacts: ContactSource;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  readonly redis: Redis;
  readonly flags: CancelFlags;
  readonly notifications: StatusNotifications;
  readonly authenticator: Authenticator;
  close(): Promise<void>;
}

/** Creates the clients without waiting for a server: each client connects when it is used first. */
export function connect(config: IntakeConfig, { logger, metrics }: ServiceContext): Connections {
  const store = openStore({ url: config.MONGODB_URL, database: config.MONGODB_DATABASE, logger });
  const crm = openStore({ url: config.MONGODB_URL, database: config.MONGODB_CRM_DATABASE, logger });
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    clientId: 'intake',
    registryUrl: config.SCHEMA_REGISTRY_URL,
    prefix: config.TOPIC_PREFIX,
    logger,
    metrics,
  });
  const redis = connectRedis(config.REDIS_URL, logger);
  const notifications = createStatusNotifications({ redis, prefix: config.TOPIC_PREFIX, logger });
  const cancelFlags = createCancelFlags({ url: config.REDIS_URL, logger });
  return {
    store,
    contacts: cacheContactMetadata(createContactSource(crm.db), config.CONTACT_METADATA_TTL_MS, Date.now),
    kafka,
    producer: kafka.createProducer(),
    redis,
    flags: {
      raise: (jobId) => cancelFlags.raise(jobId),
      async lower(jobId) {
        await redis.del(cancelKey(jobId));
      },
    },
    notifications,
    authenticator: authenticatorFromSettings(config, logger),
    async close() {
      await kafka.close();
      cancelFlags.close();
      notifications.close();
      redis.disconnect();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}

/** The longest time that a Redis command may take. A request continues without Redis after that. */
const commandTimeoutMs = 250;

/**
 * Connects to Redis in the background and reconnects until it is closed. While Redis is down every command rejects at
 * once, and each caller continues without it.
 */
function connectRedis(url: string, logger: Logger): Redis {
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
