import type { Topic, TopicEvents } from '@waybill/schemas';

/** An event that waits in its document until the broker has it. */
export interface OutboxEntry {
  /** The event's deterministic id: a second publication has the same one. */
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

/** A document with its events. The sweep's partial index is on `outbox_pending`. */
export interface OutboxDocument<Id = string> {
  readonly _id: Id;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
  readonly outbox_lease?: OutboxLease;
  /** Set if an event can never be published. */
  readonly outbox_fault?: OutboxFault;
}

/** The event that can never be published, and why. */
export interface OutboxFault {
  readonly event_id: string;
  readonly code: string;
}

/** The process that publishes a document's events, and until when (epoch milliseconds) no other process may. */
export interface OutboxLease {
  readonly owner: string;
  readonly until: number;
}

/** Sends events, as the producer of `@waybill/kafka` does. This package does not depend on Kafka. */
export interface EventSender {
  send(topic: OutboxEntry['topic'], event: SentEntry): Promise<void>;
}

/** An entry with the names of `EventSender`. */
export type SentEntry = Omit<OutboxEntry, 'topic' | 'company_id'> & { readonly companyId: string };

/** Returns a function that sends an entry and resolves when the brokers have acknowledged it. */
export function publishTo(sender: EventSender): (entry: OutboxEntry) => Promise<void> {
  return ({ topic, company_id: companyId, ...entry }) => sender.send(topic, { ...entry, companyId });
}
