import { hostname } from 'node:os';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import type { EventConsumer } from '@waybill/kafka';
import type { Logger } from '@waybill/logging';
import { keepTrying, serveHttp, type RunningService, type ServiceContext } from '@waybill/service';
import { createOutbox, ensureIndexes, type Outbox } from '@waybill/store';
import type { NotifyConfig } from './config.ts';
import { connect, type Connections } from './connections.ts';
import { createDeliveryStore } from './delivery-store.ts';
import { every } from './every.ts';
import { createHandler, type HandlerParts } from './handler.ts';
import { linkSettings } from './links.ts';
import { domainOf } from './mailer.ts';
import { createNotifyMetrics } from './metrics.ts';
import { createNotificationStore } from './notification-store.ts';
import { publishTo } from './publish.ts';
import { notificationRoutes } from './routes.ts';
import { collectionsOf, indexes } from './store.ts';
import { sweep } from './sweeper.ts';

const now = Date.now;

/** Starts the service; returns when it listens. Servers that are down are waited for in the background. */
export async function startNotify(config: NotifyConfig, context: ServiceContext): Promise<RunningService> {
  const { logger, probes } = context;
  const links = connect(config, context);
  const collections = collectionsOf(links.store);
  const outbox = createOutbox({
    collection: collections.deliveries,
    publish: publishTo(links.producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs: 30_000,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    now,
  });
  const deliveries = createDeliveryStore(collections.deliveries);
  const notifications = createNotificationStore(collections.notifications);
  const parts: HandlerParts = {
    deliveries,
    notifications,
    mailer: links.mailer,
    opener: createOpener(keyEncryptionFromSettings(config)),
    links: linkSettings(config),
    domain: domainOf(config.MAIL_FROM),
    relay: relayOf(outbox, logger),
    metrics: createNotifyMetrics(context.metrics, () => deliveries.countStuck()),
    maxEventAgeMs: config.MAX_EVENT_AGE_MS,
    now,
  };
  const consumer = consumeWith(parts, links);
  probes.add('mongodb', () => links.store.ping());
  probes.add('kafka', () => (consumer.ready() ? links.kafka.ping() : notYet('the consumer group')));
  const router = notificationRoutes({ ...parts, authenticator: links.authenticator });
  const http = await serveHttp({ ...context, host: config.HTTP_HOST, port: config.HTTP_PORT, router });

  const stopping = new AbortController();
  const consuming = prepare(links, context).then((ready) => (ready ? consumer.start() : undefined));
  outbox.start();
  const sweeping = every(config.SWEEP_EVERY_MS, stopping.signal, async () => {
    const swept = sweep({ deliveries, notifications, stuckAfterMs: config.STUCK_AFTER_MS, logger, now });
    await swept.catch((error: unknown) => logger.warn({ error }, 'sweep failed'));
  });
  return {
    port: http.port,
    async stop() {
      stopping.abort();
      await http.stop();
      await Promise.all([consumer.stop(), outbox.stop(), sweeping]);
      await consuming;
      await links.close();
    },
  };
}

function consumeWith(parts: HandlerParts, { kafka }: Connections): EventConsumer {
  return kafka.createConsumer({
    group: 'waybill.notify',
    service: 'notify',
    topics: ['export.completed'],
    handler: createHandler(parts),
    retry: { kind: 'delayed' },
  });
}

/** What is in the outbox is not lost, so a relay that fails is no reason to handle the message again. */
function relayOf(outbox: Outbox, logger: Logger): HandlerParts['relay'] {
  return async (id) => {
    try {
      return await outbox.relay(id);
    } catch (error) {
      logger.warn({ error }, 'outbox left to the sweep');
      return false;
    }
  };
}

/** Nothing is consumed before the indexes are there. False where the service is to stop first. */
async function prepare({ store }: Connections, { logger, signal }: ServiceContext): Promise<boolean> {
  try {
    await keepTrying('mongodb', () => ensureIndexes(store.db, indexes), { signal, logger });
    return true;
  } catch (error) {
    if (!signal.aborted) logger.error({ error }, 'indexes not created');
    return false;
  }
}

function notYet(what: string): Promise<void> {
  return Promise.reject(new Error(`${what} has not been joined yet`));
}
