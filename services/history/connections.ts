import { authenticatorFromSettings, type Authenticator } from '@waybill/auth';
import {
  createContactSource,
  createPermissions,
  type ContactSource,
  type Permissions,
} from '@waybill/contacts';
import { kafkaFromSettings, type EventProducer, type Kafka } from '@waybill/kafka';
import type { ServiceContext } from '@waybill/service';
import { storageFromSettings, type Storage } from '@waybill/object-storage';
import { storesFromSettings, type Store } from '@waybill/mongo';
import type { Metrics } from '@waybill/observability';
import { createReceiver } from '@waybill/outbound';
import type { HistoryConfig } from './config.ts';
import { createHttpRegistrar, type ExportHistoryRegistrar } from './registration/registrar.ts';

/** The clients of all servers. Creating them waits for no server: each connects at first use. */
export interface Connections {
  readonly store: Store;
  readonly permissions: Permissions;
  readonly contacts: Pick<ContactSource, 'tenant'>;
  /** Undefined if no other system is configured. */
  readonly registrar: ExportHistoryRegistrar | undefined;
  readonly storage: Storage;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  readonly authenticator: Authenticator;
  close(): Promise<void>;
}

export function connect(config: HistoryConfig, { logger, metrics }: ServiceContext): Connections {
  const { store, crm } = storesFromSettings(config, logger);
  const storage = storageFromSettings(config, { logger });
  const kafka = kafkaFromSettings(config, {
    clientId: 'history',
    logger,
    metrics,
  });
  return {
    store,
    permissions: createPermissions(crm.db),
    contacts: createContactSource(crm.db),
    registrar: registrarOf(config, metrics),
    storage,
    kafka,
    producer: kafka.createProducer(),
    authenticator: authenticatorFromSettings(config, logger),
    async close() {
      await kafka.close();
      storage.close();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}

function registrarOf(config: HistoryConfig, metrics: Metrics): ExportHistoryRegistrar | undefined {
  const { HISTORY_REGISTRAR_URL: url, HISTORY_REGISTRAR_TOKEN: token } = config;
  if (url === undefined) return undefined;
  const timeoutMs = config.OUTBOUND_TIMEOUT_MS;
  return createHttpRegistrar(createReceiver({ name: 'history', url, token, timeoutMs, metrics }));
}
