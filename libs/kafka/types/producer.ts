import type { Topic, TopicEvents } from '@waybill/schemas';

/** An event to send. */
export interface OutgoingEvent<E> {
  /** Decides the partition, with the topic's number of partitions: messages of one key stay in order until it grows. */
  readonly key: string;
  /** Decides the partition instead of the key, so that messages stay in order when the topic gets more partitions. */
  readonly partition?: number;
  /** Id of the event, from `eventId`: a repeated event has the same. */
  readonly id: string;
  /** What happened, such as `export.requested`. */
  readonly type: string;
  readonly companyId: string;
  /** The job's attempt, from 1. */
  readonly attempt: number;
  readonly event: E;
  /** When it happened, in ms since the epoch; also the timestamp of the message. */
  readonly at: number;
  /** W3C trace context of the work that this event continues. */
  readonly traceparent?: string;
}

export interface EventProducer {
  /**
   * Sends an event. Resolves when all in-sync replicas have the message.
   * @throws ExportError SERVICE_UNAVAILABLE (retryable) if broker or registry do not answer within `sendTimeoutMs`; the
   * message may still arrive, so consumers recognise repeats by their id.
   * @throws ExportError EVENT_UNREADABLE (not retryable) if the event does not fit its schema.
   */
  send<T extends Topic>(topic: T, message: OutgoingEvent<TopicEvents[T]>): Promise<void>;
  /** Waits for the sends in flight, then disconnects. */
  stop(): Promise<void>;
}
