import { kafkaFromSettings, type EventProducer, type Kafka } from '@waybill/kafka';
import { storesFromSettings, type Store } from '@waybill/mongo';
import { cancelFlagsFromSettings, type CancelFlags } from '@waybill/redis';
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
  const { store, crm } = storesFromSettings(config, logger);
  const cancel = cancelFlagsFromSettings(config, logger);
  const kafka = kafkaFromSettings(config, { clientId: 'resolver', logger, metrics });
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
