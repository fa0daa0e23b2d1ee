import type { Logger } from '@waybill/observability';
import type { Outbox } from './outbox.ts';

/**
 * Publishes a document's events now; false where that is left to the sweep. Never throws: what is in the outbox is not
 * lost, so a relay that fails is no reason to fail what wrote it.
 */
export function relayOf(
  outbox: Pick<Outbox, 'relay'>,
  logger: Logger,
): (documentId: string) => Promise<boolean> {
  return async (documentId) => {
    try {
      return await outbox.relay(documentId);
    } catch (error) {
      logger.warn({ error }, 'outbox left to the sweep');
      return false;
    }
  };
}
