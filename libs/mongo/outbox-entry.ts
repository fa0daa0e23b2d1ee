import type { Topic, TopicEvents } from '@waybill/schemas';

/** An event that waits in its document until the broker has it. */
export interface OutboxEntry {
  /** The event's deterministic id: a second publication is recognisably the same event. */
  readonly id: string;
  readonly topic: Topic;
  /** CloudEvents type. */
  readonly type: string;
  /** Key of the message. */
  readonly key: string;
  readonly company_id: string;
  readonly attempt: number;
  readonly event: TopicEvents[Topic];
  readonly traceparent?: string;
  /** When it happened, epoch milliseconds. */
  readonly at: number;
}

/** A document that carries its events. `outbox_pending` is what the sweep's partial index is on. */
export interface OutboxDocument<Id = string> {
  readonly _id: Id;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
  readonly outbox_lease?: OutboxLease;
}

/** Who publishes a document's events just now, and until when (epoch milliseconds) nobody else may. */
export interface OutboxLease {
  readonly owner: string;
  readonly until: number;
}

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
