import type { ExportError } from '@waybill/errors';
import type { Logger, Metrics } from '@waybill/observability';
import type { ConsumingService, DelayedService, Topic, TopicEvents } from '@waybill/schemas';
import type { Outcome } from './outcome.ts';
import type { DeadLetter } from '../dead-letter/redrive.ts';
import type { Tuning } from './tuning.ts';

/** How to reach the brokers and the schema registry. */
export interface KafkaOptions {
  /** Host and port of some brokers, separated by commas. */
  readonly brokers: string;
  /** Name of this service: Kafka's client id and the CloudEvents source. */
  readonly clientId: string;
  /** Address of the registry's Confluent API. */
  readonly registryUrl: string;
  /** Put before every topic, group and registry subject, so that several installations can share one broker. */
  readonly prefix?: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Times and sizes that differ from the defaults, for tests and for operators. */
  readonly tuning?: Partial<Tuning>;
  /**
   * Called once when a consumer has stopped for good. The process must exit, so that its supervisor starts it anew.
   * Without it the cause is thrown where nobody catches it, which ends the process too.
   */
  readonly onFatal?: (cause: ExportError) => void;
}

export interface Kafka {
  /** One per process is enough; it connects with its first send. */
  createProducer(): EventProducer;
  createConsumer<T extends Topic>(options: ConsumerOptions<T>): EventConsumer;
  /**
   * Creates the topics of the table in schemas, their retry and dead-letter topics, and gives those that exist the
   * table's settings. Repeating it changes nothing. @throws ExportError SERVICE_UNAVAILABLE if the broker is down.
   */
  ensureTopics(): Promise<void>;
  /** Asks the broker for its metadata. @throws ExportError SERVICE_UNAVAILABLE if it does not answer in time. */
  ping(): Promise<void>;
  /**
   * What the broker holds of a topic, so that whoever reads it anew knows where it ends.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  logRanges(topic: Topic): Promise<readonly PartitionRange[]>;
  /**
   * The dead letters of a service that were not redriven yet, the newest of each event, in the order in which the events
   * first failed. @throws ExportError SERVICE_UNAVAILABLE
   */
  deadLetters(service: DelayedService): Promise<readonly DeadLetter[]>;
  /**
   * Puts a dead letter as it is into the retry topic of its service, due now and with its count of deliveries at zero.
   * The letter stays where it lies until retention takes it. @throws ExportError SERVICE_UNAVAILABLE
   */
  redrive(letter: DeadLetter): Promise<void>;
  /** Stops what is left of its consumers and producers and closes every connection. */
  close(): Promise<void>;
}

/** First offset that the broker still has of a partition, and the next one to be written. */
export interface PartitionRange {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** An event on its way out. */
export interface OutgoingEvent<E> {
  /** Decides the partition: messages of one key stay in order. */
  readonly key: string;
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
   * Resolves when all in-sync replicas have the message. @throws ExportError SERVICE_UNAVAILABLE (retryable) if broker
   * or registry do not answer within `sendTimeoutMs`; the message may still arrive, so consumers recognise repeats by
   * their id. @throws ExportError EVENT_UNREADABLE (not retryable) if the event does not fit its schema.
   */
  send<T extends Topic>(topic: T, message: OutgoingEvent<TopicEvents[T]>): Promise<void>;
  /** Waits for the sends in flight, then disconnects. */
  stop(): Promise<void>;
}

/** In place: wait with the partition paused and try again, then dead-letter. Keeps the order of the partition. */
export interface RetryInPlace {
  readonly kind: 'in-place';
  /** Deliveries before the message is dead-lettered. */
  readonly tries: number;
  /** Wait before the second delivery; it doubles from then on. */
  readonly fromMs: number;
  /** Longest wait. */
  readonly toMs: number;
}

/** The one retry setting of consumers that keep the order of their partitions: five tries within some 8 s. */
export const inPlaceRetry: RetryInPlace = { kind: 'in-place', tries: 5, fromMs: 500, toMs: 30_000 };

/** Through the service's delay topics; the last delay repeats until the handler dead-letters. */
export interface RetryDelayed {
  readonly kind: 'delayed';
}

export interface TopicPartition<T extends Topic> {
  readonly topic: T;
  readonly partition: number;
}

export interface TopicPosition<T extends Topic> extends TopicPartition<T> {
  readonly offset: bigint;
}

export interface ConsumerOptions<T extends Topic> {
  /** Consumer group, without the prefix. */
  readonly group: string;
  /** Whose retry and dead-letter topics are used. */
  readonly service: ConsumingService;
  readonly topics: readonly T[];
  readonly handler: (message: MessageOf<T>, context: HandlerContext) => Promise<Outcome>;
  readonly retry: RetryInPlace | RetryDelayed;
  /**
   * Called each time the group has joined, before any message of these partitions is delivered; handlers of the
   * generation before have settled by then. Reading starts at the positions it returns, elsewhere at the committed
   * offset. If it fails it is called again.
   */
  readonly onAssigned?: (partitions: readonly TopicPartition<T>[]) => Promise<readonly TopicPosition<T>[]>;
  /**
   * Called when a message has gone to the dead-letter topic, before its offset is committed. A retryable ExportError
   * makes the port call it again until it succeeds; any other failure is logged and given up after a few tries.
   */
  readonly onDeadLetter?: (message: UnreadMessage<TopicEvents[T], T>, cause: ExportError) => Promise<void>;
}

export interface EventConsumer {
  /**
   * Resolves when the consumer has joined its group, or was stopped. While broker or topics are missing it keeps
   * trying with back-off and does not throw, so do not await it where the service must answer without Kafka.
   */
  start(): Promise<void>;
  /** Takes no more messages, lets running handlers finish (aborts them after a limit), commits, leaves; ≤ 25 s. */
  stop(): Promise<void>;
  /** Whether it is a member of its group. */
  ready(): boolean;
}

/** One message in, one outcome out. What it throws counts as `retry`. */
export type Handler<E, T extends Topic = Topic> = (
  message: EventMessage<E, T>,
  context: HandlerContext,
) => Promise<Outcome>;

/** The message of one topic; of several, a union that `topic` tells apart. */
export type MessageOf<T extends Topic> = T extends Topic ? EventMessage<TopicEvents[T], T> : never;

/** An event as a handler sees it; topic, partition and offset are those of the source, also after a delayed retry. */
export interface EventMessage<E, T extends Topic = Topic> {
  readonly topic: T;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  /** Equal for repeats of the same event. */
  readonly id: string;
  readonly type: string;
  readonly companyId: string;
  /** The job's attempt. */
  readonly attempt: number;
  /** 1 for the first delivery of this message; retries count up. A restart may begin at 1 again. */
  readonly delivery: number;
  /** When the event happened, in ms since the epoch. */
  readonly at: number;
  readonly traceparent?: string;
  readonly event: E;
}

export interface HandlerContext {
  /** Aborted when the partition is lost, and when a stop has waited long enough; the outcome is then discarded. */
  readonly signal: AbortSignal;
  /** Keeps the membership alive in long work; never throws. The port sends heartbeats of its own as well. */
  readonly heartbeat: () => Promise<void>;
  /** Carries topic, partition, offset, job id and company id. */
  readonly logger: Logger;
  /** Offset after the partition's last message when this one was fetched. */
  readonly highWatermark: bigint;
}

/** A message that was dead-lettered; what is undefined could not be read. */
export interface UnreadMessage<E, T extends Topic = Topic> {
  readonly topic: T;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly companyId?: string;
  readonly attempt?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly event?: E;
}
