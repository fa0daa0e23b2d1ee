import { authenticatorFromSettings, type Authenticator } from '@waybill/auth';
import {
  createContactSource,
  createPermissions,
  type ContactSource,
  type Permissions,
} from '@waybill/contacts';
import { cancelFlagsFromSettings, connectRedis, type CancelFlags } from '@waybill/redis';
import { kafkaFromSettings, type EventProducer, type Kafka } from '@waybill/kafka';
import type { ServiceContext } from '@waybill/service';
import { storesFromSettings, type Store } from '@waybill/mongo';
import type { Redis } from 'ioredis';
import { cacheContactMetadata, cachePermissions } from './admission/contact-metadata-cache.ts';
import type { IntakeConfig } from './config.ts';
import { createStatusNotifications, type StatusNotifications } from './job/status-notifications.ts';

/** The clients of every server that this service uses. */
export interface Connections {
  readonly store: Store;
  readonly contacts: ContactSource;
  readonly permissions: Permissions;
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
  const { store, crm } = storesFromSettings(config, logger);
  const kafka = kafkaFromSettings(config, { clientId: 'intake', logger, metrics });
  const redis = connectRedis({
    url: config.REDIS_URL,
    name: 'intake',
    logger,
    commandTimeoutMs: config.REDIS_TIMEOUT_MS,
  });
  const notifications = createStatusNotifications({ redis, prefix: config.TOPIC_PREFIX, logger });
  const flags = cancelFlagsFromSettings(config, logger);
  return {
    store,
    contacts: cacheContactMetadata(
      createContactSource(crm.db),
      config.CONTACT_METADATA_TTL_MS,
      () => new Date(),
    ),
    permissions: cachePermissions(createPermissions(crm.db), config.PERMISSION_TTL_MS, () => new Date()),
    kafka,
    producer: kafka.createProducer(),
    redis,
    flags,
    notifications,
    authenticator: authenticatorFromSettings(config, logger),
    async close() {
      await kafka.close();
      flags.close();
      notifications.close();
      redis.disconnect();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}
