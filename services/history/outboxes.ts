import { hostname } from 'node:os';
import type { EventProducer } from '@waybill/kafka';
import type { Logger } from '@waybill/observability';
import { createOutbox, publishTo, relayOf } from '@waybill/mongo';
import type { HistoryConfig } from './config.ts';
import type { Collections } from './indexes.ts';

/** Two collections carry product events: what was registered, and who downloaded. */
export interface Outboxes {
  readonly relayRegistration: (id: string) => Promise<boolean>;
  readonly relayDownload: (id: string) => Promise<boolean>;
  start(): void;
  /** Lets the sweeps at work finish. */
  stop(): Promise<void>;
}

/** Longer than the send of one event may take. */
const leaseMs = 30_000;

export interface OutboxParts {
  readonly collections: Collections;
  readonly producer: EventProducer;
  readonly config: Pick<HistoryConfig, 'OUTBOX_EVERY_MS'>;
  readonly logger: Logger;
}

export function createOutboxes({ collections, producer, config, logger }: OutboxParts): Outboxes {
  const common = {
    publish: publishTo(producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    now: Date.now,
  };
  const registrations = createOutbox({ ...common, collection: collections.registrations });
  const downloads = createOutbox({ ...common, collection: collections.downloads });
  return {
    relayRegistration: relayOf(registrations, logger),
    relayDownload: relayOf(downloads, logger),
    start: () => {
      registrations.start();
      downloads.start();
    },
    stop: async () => {
      await Promise.all([registrations.stop(), downloads.stop()]);
    },
  };
}
