import { createKafka, type EventProducer, type Kafka } from '@waybill/kafka';
import { openStore, type Store } from '@waybill/mongo';
import { createCancelFlags, type CancelFlags } from '@waybill/redis';
import type { ServiceContext } from '@waybill/service';
import type { ResolverConfig } from './config.ts';

/** Clients of the systems that the resolver uses. */
export interface Connections {
  readonly store: Store;
  /** The contact store, read-only. */
  readonly crm: Store;
  readonly cancel: CancelFlags;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  /** Closes every connection. The consumers must have stopped before. */
  close(): Promise<void>;
}

/** Creates the clients. Each connects by itself and reconnects after an outage. */
export function openConnections(
  config: ResolverConfig,
  { logger, metrics }: Pick<ServiceContext, 'logger' | 'metrics'>,
): Connections {
  const store = openStore({ url: config.MONGODB_URL, database: config.MONGODB_DATABASE, logger });
  const crm = openStore({ url: config.MONGODB_URL, database: config.MONGODB_CRM_DATABASE, logger });
  const cancel = createCancelFlags({ url: config.REDIS_URL, logger });
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    clientId: 'resolver',
    registryUrl: config.SCHEMA_REGISTRY_URL,
    prefix: config.TOPIC_PREFIX,
    logger,
    metrics,
    tuning: { sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS },
  });
  const producer = kafka.createProducer();
  return {
    store,
    crm,
    cancel,
    kafka,
    producer,
    async close() {
      await producer.stop();
      await kafka.close();
      cancel.close();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}
