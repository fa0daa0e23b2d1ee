import { createTombstones, type Eraser } from '@waybill/erasure';
import { hostname } from 'node:os';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import type { ServiceContext } from '@waybill/service';
import { createOutbox, publishTo, relayOf, type Outbox } from '@waybill/mongo';
import { createAnnouncer, type Announcer } from './outbound/dispatcher.ts';
import type { NotifyConfig } from './config.ts';
import type { Connections } from './connections.ts';
import { createDeliveryStore } from './delivery/delivery-store.ts';
import { createEraser } from './eraser.ts';
import type { HandlerParts } from './handler.ts';
import { linkSettings } from './email/links.ts';
import { createBell } from './inbox/feed.ts';
import { domainOf } from './delivery/mailer.ts';
import { createNotifyMetrics } from './metrics.ts';
import { createNotificationStore } from './inbox/notification-store.ts';
import { collectionsOf } from './indexes.ts';

/** Longer than the send of one event may take. */
const leaseMs = 30_000;

export interface Parts extends HandlerParts {
  readonly outbox: Outbox;
  readonly announcer: Announcer;
  readonly eraser: Eraser;
}

/** The parts of the service over its connections; nothing is started. */
export function buildParts(config: NotifyConfig, links: Connections, context: ServiceContext): Parts {
  const { logger } = context;
  const now = Date.now;
  const collections = collectionsOf(links.store);
  const deliveries = createDeliveryStore(collections.deliveries);
  const notifications = createNotificationStore(collections.notifications);
  const erasures = createTombstones(collections.erasures);
  const outbox = createOutbox({
    collection: collections.deliveries,
    publish: publishTo(links.producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    now,
  });
  const settings = linkSettings(config);
  return {
    deliveries,
    notifications,
    erasures,
    outbox,
    eraser: createEraser(collections, erasures),
    announcer: createAnnouncer({
      notifications,
      publisher: links.publisher,
      links: settings,
      againAfterMs: config.PUBLISH_AGAIN_AFTER_MS,
      logger,
      now,
    }),
    bell: createBell(),
    governance: links.governance,
    mailer: links.mailer,
    opener: createOpener(keyEncryptionFromSettings(config)),
    links: settings,
    domain: domainOf(config.MAIL_FROM),
    relay: relayOf(outbox, logger),
    metrics: createNotifyMetrics(context.metrics, () => deliveries.countStuck()),
    maxEventAgeMs: config.MAX_EVENT_AGE_MS,
    now,
  };
}
