import { authenticatorFromSettings, type Authenticator } from '@waybill/auth';
import { kafkaFromSettings, type EventProducer, type Kafka } from '@waybill/kafka';
import { createContactSource, createMembers, type ContactSource } from '@waybill/contacts';
import type { ServiceContext } from '@waybill/service';
import { storesFromSettings, type Store } from '@waybill/mongo';
import { createReceiver } from '@waybill/outbound';
import type { Metrics } from '@waybill/observability';
import type { NotifyConfig } from './config.ts';
import { createHttpForwarder, type ProductEventForwarder } from './outbound/forwarder.ts';
import { createGovernance, type Governance } from './governance.ts';
import { createMailer, type Mailer } from './delivery/mailer.ts';
import { createHttpPublisher, publisherPath, type NotificationPublisher } from './outbound/publisher.ts';

/** The clients of all servers. Each connects when it is first used, so creating them waits for nothing. */
export interface Connections {
  readonly store: Store;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  readonly mailer: Mailer;
  readonly contacts: ContactSource;
  readonly governance: Governance;
  /** Undefined where no other notification system is set. */
  readonly publisher: NotificationPublisher | undefined;
  /** Undefined where product events are not forwarded. */
  readonly forwarder: ProductEventForwarder | undefined;
  readonly authenticator: Authenticator;
  close(): Promise<void>;
}

export function connect(config: NotifyConfig, { logger, metrics }: ServiceContext): Connections {
  const { store, crm } = storesFromSettings(config, logger);
  const kafka = kafkaFromSettings(config, {
    clientId: 'notify',
    logger,
    metrics,
  });
  const mailer = createMailer({
    url: config.SMTP_URL,
    from: config.MAIL_FROM,
    connections: config.SMTP_CONNECTIONS,
    connectTimeoutMs: config.SMTP_CONNECT_TIMEOUT_MS,
    socketTimeoutMs: config.SMTP_SOCKET_TIMEOUT_MS,
  });
  const contacts = createContactSource(crm.db);
  return {
    store,
    kafka,
    producer: kafka.createProducer(),
    mailer,
    contacts,
    governance: createGovernance({ contacts, members: createMembers(crm.db) }),
    publisher: publisherOf(config, metrics),
    forwarder: forwarderOf(config, metrics),
    authenticator: authenticatorFromSettings(config, logger),
    async close() {
      mailer.close();
      await kafka.close();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}

function publisherOf(config: NotifyConfig, metrics: Metrics): NotificationPublisher | undefined {
  const { NOTIFICATION_PUBLISHER_URL: url, NOTIFICATION_PUBLISHER_TOKEN: token } = config;
  if (url === undefined) return undefined;
  const timeoutMs = config.OUTBOUND_TIMEOUT_MS;
  const address = `${url}${publisherPath}`;
  const receiver = createReceiver({ name: 'notifications', url: address, token, timeoutMs, metrics });
  return createHttpPublisher(receiver);
}

function forwarderOf(config: NotifyConfig, metrics: Metrics): ProductEventForwarder | undefined {
  const { ACTIVITY_FORWARD_URL: url, ACTIVITY_FORWARD_TOKEN: token } = config;
  if (url === undefined) return undefined;
  const timeoutMs = config.OUTBOUND_TIMEOUT_MS;
  return createHttpForwarder(createReceiver({ name: 'product events', url, token, timeoutMs, metrics }));
}
