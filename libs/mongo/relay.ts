import type { Logger } from '@waybill/observability';
import type { OutboxDocument } from './outbox-entry.ts';
import type { Outbox } from './outbox.ts';

/**
 * Returns a function that publishes a document's events now; false if they are left to the sweep. It never throws: the
 * events are stored, so what wrote them has succeeded even if the relay fails.
 */
export function relayOf(
  outbox: Pick<Outbox, 'relay'>,
  logger: Logger,
): (documentId: string) => Promise<boolean> {
  return (documentId) => relayed(() => outbox.relay(documentId), documentId, logger);
}

/** Publishes events at the same time as the answer to a request. Returns at once and never throws. */
export interface BackgroundRelay {
  relay(documentId: string): void;
  /** Publishes the events of a document that was just written with `outbox.lease()`. */
  relayWritten(document: OutboxDocument): void;
  /** Resolves when every publication has ended. */
  drain(): Promise<void>;
}

export interface BackgroundRelayDeps {
  readonly outbox: Pick<Outbox, 'relay' | 'relayWritten'>;
  readonly logger: Logger;
  /**
   * Publications at the same time; 64 by default. With Kafka down each lasts until the time limit of a send (5 s).
   * Documents above the limit are left to the sweep.
   */
  readonly maximumInFlight?: number;
}

export function createBackgroundRelay({
  outbox,
  logger,
  maximumInFlight = 64,
}: BackgroundRelayDeps): BackgroundRelay {
  const running = new Set<Promise<unknown>>();

  function start(documentId: string, publish: () => Promise<boolean>): void {
    if (running.size >= maximumInFlight) return;
    const task = relayed(publish, documentId, logger).finally(() => running.delete(task));
    running.add(task);
  }

  return {
    relay: (documentId) => start(documentId, () => outbox.relay(documentId)),
    relayWritten: (document) => start(document._id, () => outbox.relayWritten(document)),
    async drain() {
      await Promise.all(running);
    },
  };
}

async function relayed(
  publish: () => Promise<boolean>,
  documentId: string,
  logger: Logger,
): Promise<boolean> {
  try {
    if (await publish()) return true;
    logger.warn({ document_id: documentId }, 'events left to the outbox sweep');
  } catch (error) {
    logger.warn({ document_id: documentId, error }, 'events left to the outbox sweep');
  }
  return false;
}
