import { createKafka, type EventProducer, type Kafka } from '@waybill/kafka';
import { openStore, type Store } from '@waybill/mongo';
import { createStorage, type Storage } from '@waybill/object-storage';
import { createCancelFlags, type CancelFlags } from '@waybill/redis';
import type { ServiceContext } from '@waybill/service';
import type { RenderConfig } from './config.ts';

/** Clients of the systems that render uses. */
export interface Connections {
  readonly store: Store;
  /** The contact store, read-only. */
  readonly crm: Store;
  readonly storage: Storage;
  readonly cancel: CancelFlags;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  /** Closes every connection. The consumers must have stopped before. */
  close(): Promise<void>;
}

/** Creates the clients. Each connects by itself and reconnects after an outage. */
export function openConnections(
  config: RenderConfig,
  { logger, metrics }: Pick<ServiceContext, 'logger' | 'metrics'>,
): Connections {
  const store = openStore({ url: config.MONGODB_URL, database: config.MONGODB_DATABASE, logger });
  const crm = openStore({ url: config.MONGODB_URL, database: config.MONGODB_CRM_DATABASE, logger });
  const storage = createStorage({
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY_ID,
    secretAccessKey: config.S3_SECRET_ACCESS_KEY,
    partBytes: config.UPLOAD_PART_BYTES,
    logger,
  });
  const cancel = createCancelFlags({ url: config.REDIS_URL, logger });
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    clientId: 'render',
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
    storage,
    cancel,
    kafka,
    producer,
    async close() {
      await producer.stop();
      await kafka.close();
      cancel.close();
      storage.close();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}
