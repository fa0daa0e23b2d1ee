import { authenticatorFromSettings, type Authenticator } from '@waybill/auth';
import { createContactSource, type ContactSource } from '@waybill/contacts';
import { cancelKey, connectRedis, createCancelFlags } from '@waybill/redis';
import { createKafka, type EventProducer, type Kafka } from '@waybill/kafka';
import type { ServiceContext } from '@waybill/service';
import { openStore, type Store } from '@waybill/mongo';
import type { Redis } from 'ioredis';
import type { RaisedFlags } from './job/cancel.ts';
import type { IntakeConfig } from './config.ts';
import { keepingCompanies } from './admission/contact-metadata-cache.ts';
import { connectRedis } from './redis.ts';
import { createWakeUps, type WakeUps } from './job/status-notifications.ts';

/** Everything outside of this process. Nothing here waits for a server: each connects when it is first used. */
export interface Connections {
  readonly store: Store;
  readonly contacts: ContactSource;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  readonly redis: Redis;
  readonly flags: RaisedFlags;
  readonly wakeUps: WakeUps;
  readonly authenticator: Authenticator;
  close(): Promise<void>;
}

/** A Redis that does not answer delays a request by this much at most; the request then continues without it. */
const redisTimeoutMs = 250;

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
  const redis = connectRedis({
    url: config.REDIS_URL,
    name: 'intake',
    logger,
    commandTimeoutMs: redisTimeoutMs,
  });
  const wakeUps = createWakeUps({ redis, prefix: config.TOPIC_PREFIX, logger });
  const cancelFlags = createCancelFlags({ url: config.REDIS_URL, logger });
  return {
    store,
    contacts: keepingCompanies(createContactSource(crm.db), config.CRM_KEPT_MS, Date.now),
    kafka,
    producer: kafka.createProducer(),
    redis,
    flags: {
      raise: (jobId) => cancelFlags.raise(jobId),
      async lower(jobId) {
        await redis.del(cancelKey(jobId));
      },
    },
    wakeUps,
    authenticator: authenticatorFromSettings(config, logger),
    async close() {
      await kafka.close();
      cancelFlags.close();
      wakeUps.close();
      redis.disconnect();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}
