import type { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { ConsumingService, Topic, TopicEvents } from '@waybill/schemas';
import type { Outcome } from './outcome.ts';

/** Pauses the partition and tries again, then dead-letters. Keeps the order of the partition. */
export interface RetryInPlace {
  /** Tries before the message is dead-lettered. */
  readonly tries: number;
  /** Wait before the second try; it doubles from then on. */
  readonly fromMs: number;
  /** Longest wait. */
  readonly toMs: number;
}

/** The retry setting of every service: five tries within about 8 s. */
export const defaultRetry: RetryInPlace = { tries: 5, fromMs: 500, toMs: 30_000 };

export interface TopicPartition<T extends Topic> {
  readonly topic: T;
  readonly partition: number;
}

export interface ConsumerOptions<T extends Topic> {
  /** Consumer group, without the prefix. */
  readonly group: string;
  /** The service whose dead-letter topic is used. */
  readonly service: ConsumingService;
  /** Whether it also reads the retry topic of its service: the dead letters that an operator has redriven. */
  readonly redriven?: boolean;
  readonly topics: readonly T[];
  readonly handler: (message: MessageOf<T>, context: HandlerContext) => Promise<Outcome>;
  /** `defaultRetry` if it is left out; tests shorten it. */
  readonly retry?: RetryInPlace;
  /**
   * Called for each partition each time the group has joined, when the partition's handler of the previous generation has
   * settled and before the handler receives its next message. Reading starts at the offset that it returns; at the
   * committed one if that is undefined. If it fails it is called again, and the partition waits.
   */
  readonly onAssigned?: (partition: TopicPartition<T>) => Promise<bigint | undefined>;
  /**
   * Called for each partition that the group has given to another member, when its handler has settled. What it throws is
   * logged.
   */
  readonly onRevoked?: (partition: TopicPartition<T>) => Promise<void>;
  /**
   * Called when a message was sent to the dead-letter topic, before its offset is committed. After a retryable
   * ExportError the port calls it again until it succeeds; any other failure is logged and given up after a few tries.
   */
  readonly onDeadLetter?: (message: UnreadMessage<TopicEvents[T], T>, cause: ExportError) => Promise<void>;
}

export interface EventConsumer {
  /**
   * Resolves when the consumer has joined its group, or was stopped. While broker or topics are missing it retries with
   * back-off and does not throw, so do not await it where the service must answer without Kafka.
   */
  start(): Promise<void>;
  /** Takes no more messages, lets running handlers finish (aborts them after a limit), commits, leaves; ≤ 25 s. */
  stop(): Promise<void>;
  /** Returns whether it is a member of its group. */
  ready(): boolean;
}

/** Handles one message and returns one outcome. An exception counts as `retry`. */
export type Handler<E, T extends Topic = Topic> = (
  message: EventMessage<E, T>,
  context: HandlerContext,
) => Promise<Outcome>;

/** The message of one topic; of several topics, a union discriminated by `topic`. */
export type MessageOf<T extends Topic> = T extends Topic ? EventMessage<TopicEvents[T], T> : never;

/** An event as a handler receives it; topic, partition and offset are those of the source, also of a redriven message. */
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
  /** 1 for the first try of this message; retries count up. A restart may begin at 1 again. */
  readonly tries: number;
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
