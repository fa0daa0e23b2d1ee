import type { OutboxEntry } from './outbox-entry.ts';

/** What sends events, as the producer of `@waybill/kafka` does; this package knows no broker. */
export interface EventSender {
  send(topic: OutboxEntry['topic'], event: SentEntry): Promise<void>;
}

/** An entry under the names of the port. */
export type SentEntry = Omit<OutboxEntry, 'topic' | 'company_id'> & { readonly companyId: string };

/** Sends an event of the outbox; resolves when the brokers have it. @throws what the sender throws. */
export function publishTo(sender: EventSender): (entry: OutboxEntry) => Promise<void> {
  return ({ topic, company_id: companyId, ...entry }) => sender.send(topic, { ...entry, companyId });
}
