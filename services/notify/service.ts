import { hostname } from 'node:os';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { createErasureRecords, createTombstones, type ErasureRouteDeps } from '@waybill/erasure';
import { createStreamLimit, documentedRoutes } from '@waybill/http';
import type { EventConsumer } from '@waybill/kafka';
import { createOutbox, ensureIndexes, publishTo, relayOf, type Outbox } from '@waybill/mongo';
import {
  createSweeper,
  startService,
  type RunningService,
  type ServiceContext,
  type ServicePlan,
} from '@waybill/service';
import type { NotifyConfig } from './config.ts';
import { connect, type Connections } from './connections.ts';
import { createDeliveryStore, type DeliveryStore } from './delivery/delivery-store.ts';
import { domainOf } from './delivery/mailer.ts';
import { createScheduler, type Scheduler } from './delivery/scheduler.ts';
import { sendDelivery, type SendDeps } from './delivery/send-delivery.ts';
import { linkSettings, type LinkSettings } from './email/links.ts';
import { createHandler, type HandlerDeps } from './handler.ts';
import { notifyDocument } from './http/document.ts';
import { notificationRoutes } from './http/routes.ts';
import { createInboxEvents } from './inbox/feed.ts';
import { createNotificationStore } from './inbox/notification-store.ts';
import { collectionsOf, notifyIndexes } from './indexes.ts';
import { createNotifyMetrics } from './metrics.ts';
import { createDispatcher } from './outbound/dispatcher.ts';
import { createForwardingHandler } from './outbound/forwarder.ts';
import { createEraser, sweep } from './retention.ts';

/** Longer than the send of one event may take, in milliseconds. */
const outboxLeaseMs = 30_000;

/** Wires the service and starts it. Returns when it listens; see `startService` for the order of start and stop. */
export async function startNotify(config: NotifyConfig, context: ServiceContext): Promise<RunningService> {
  const { logger, probes } = context;
  const connections = connect(config, context);
  const deps = createDeps(config, connections, context);
  const consumers = createConsumers(deps, connections);
  const stopping = new AbortController();
  probes.add('mongodb', () => connections.store.ping());
  probes.add('kafka', () => pingKafka(connections, consumers));
  const routes = notificationRoutes({
    ...deps,
    stopping: stopping.signal,
    pollMs: config.LIVE_POLL_MS,
    streamLimit: createStreamLimit(config.STREAMS_PER_PERSON),
    authenticator: connections.authenticator,
  });
  const sweeper = createSweeper({
    sweep: (run) => sweep({ ...deps, stuckAfterMs: config.STUCK_AFTER_MS, logger }, run),
    db: connections.store.db,
    everyMs: config.SWEEP_EVERY_MS,
    metrics: context.metrics,
    logger,
    now: deps.now,
  });
  const plan: ServicePlan = {
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    operatorPort: config.OPERATOR_PORT,
    router: documentedRoutes(notifyDocument(), routes),
    ensureIndexes: () => ensureIndexes(connections.store.db, notifyIndexes),
    work: [deps.outbox, deps.scheduler, sweeper, ...consumers],
    close: () => connections.close(),
    stopping,
  };
  return startService(plan, context);
}

interface ServiceDeps extends HandlerDeps, ErasureRouteDeps {
  readonly deliveries: DeliveryStore;
  readonly scheduler: Scheduler;
  readonly links: LinkSettings;
  readonly outbox: Outbox;
}

/** Creates everything that works over the connections. Starts nothing. */
function createDeps(config: NotifyConfig, connections: Connections, context: ServiceContext): ServiceDeps {
  const { logger } = context;
  const now = (): Date => new Date();
  const collections = collectionsOf(connections.store);
  const deliveries = createDeliveryStore(collections.deliveries);
  const notifications = createNotificationStore(collections.notifications);
  const erasures = createTombstones(collections.erasures);
  const links = linkSettings(config);
  const outbox = createOutbox({
    collection: collections.deliveries,
    publish: publishTo(connections.producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs: outboxLeaseMs,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    metrics: context.metrics,
    now,
  });
  const dispatcher = createDispatcher({
    notifications,
    publisher: connections.publisher,
    links,
    retryAfterMs: config.PUBLISH_AGAIN_AFTER_MS,
    logger,
    now,
  });
  const backOff = { fromMs: config.EMAIL_RETRY_FROM_MS, toMs: config.EMAIL_RETRY_TO_MS };
  const shared = {
    deliveries,
    erasures,
    links,
    governance: connections.governance,
    contacts: connections.contacts,
    opener: createOpener(keyEncryptionFromSettings(config, context.metrics)),
    now,
  };
  const sending: SendDeps = {
    ...shared,
    mailer: connections.mailer,
    messageIdDomain: domainOf(config.MAIL_FROM),
    backOff,
    relay: relayOf(outbox, logger),
    metrics: createNotifyMetrics(context.metrics, (state) => deliveries.count(state)),
    logger,
  };
  const scheduler = createScheduler({
    deliveries,
    send: (delivery, signals) => sendDelivery(sending, delivery, signals),
    connections: config.SMTP_CONNECTIONS,
    pollMs: config.EMAIL_POLL_MS,
    leaseMs: config.EMAIL_LEASE_MS,
    probe: { fromMs: backOff.fromMs, toMs: config.SMTP_PROBE_MS },
    logger,
    now,
  });
  return {
    ...shared,
    scheduler,
    notifications,
    outbox,
    dispatcher,
    erasureRecords: createErasureRecords(connections.store.db),
    eraser: createEraser(collections, erasures),
    inboxEvents: createInboxEvents(),
    maxEventAgeMs: config.MAX_EVENT_AGE_MS,
  };
}

/** Creates one consumer for ended exports and, where a forwarder is set, one for product events. */
function createConsumers(deps: ServiceDeps, { kafka, forwarder }: Connections): readonly EventConsumer[] {
  const completed = kafka.createConsumer({
    group: 'waybill.notify',
    service: 'notify',
    topics: ['export.completed'],
    handler: createHandler(deps),
    redriven: true,
  });
  if (forwarder === undefined) return [completed];
  const activity = kafka.createConsumer({
    group: 'waybill.notify.activity',
    service: 'notify',
    topics: ['export.activity'],
    handler: createForwardingHandler({ ...deps, forwarder }),
    redriven: true,
  });
  return [completed, activity];
}

async function pingKafka({ kafka }: Connections, consumers: readonly EventConsumer[]): Promise<void> {
  if (!consumers.every((consumer) => consumer.ready())) {
    throw new Error('A consumer has not joined its group yet.');
  }
  await kafka.ping();
}
