import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { deadLetterTopic, type Topic, type TopicEvents } from '@waybill/schemas';
import { retryUntilDone, type BackoffLimits } from '../broker/backoff.ts';
import type { KafkaMetrics } from '../metrics.ts';
import type { BytesProducer } from '../produce/bytes-producer.ts';
import type { ConsumerOptions, UnreadMessage } from '../types/consumer.ts';
import { keyOf, type Incoming } from '../wire/incoming.ts';
import { retryHeaders } from '../wire/retry-headers.ts';

export interface DeadLetterPublisherDeps<T extends Topic> {
  readonly options: Pick<ConsumerOptions<T>, 'group' | 'service' | 'onDeadLetter'>;
  readonly producer: BytesProducer;
  readonly prefix: string;
  readonly metrics: KafkaMetrics;
  readonly limits: BackoffLimits;
  readonly now: () => number;
}

/** Why a message leaves its partition, and after how many tries. */
export interface Failure {
  readonly cause: ExportError;
  readonly tries: number;
}

/** The generation that holds the message's partition, and the message's logger. */
export interface PublishContext {
  readonly generation: {
    /** Aborted when no retry may start any more. */
    readonly stopping: AbortSignal;
    /** Whether the partition may belong to another member. */
    readonly ended: boolean;
  };
  readonly logger: Logger;
  /** Called after each failure while the partition waits, with its error. */
  readonly waits: (error: unknown) => void;
}

/** Calls of `onDeadLetter` that may fail with an error that is not retryable. */
const maximumHookFailures = 5;

/**
 * Sends failed messages to the dead-letter topic of a service. Key, value and headers are sent as they came, byte for
 * byte, with the port's headers added. Retries until the broker acknowledges; never throws.
 */
export class DeadLetterPublisher<T extends Topic> {
  readonly #deps: DeadLetterPublisherDeps<T>;

  constructor(deps: DeadLetterPublisherDeps<T>) {
    this.#deps = deps;
  }

  /** Sends a message to the dead-letter topic, then calls `onDeadLetter`. Returns false if the partition was lost first. */
  async deadLetter(
    incoming: Incoming<T>,
    failure: Failure & { readonly event: TopicEvents[T] | undefined },
    context: PublishContext,
  ): Promise<boolean> {
    if (!(await this.deadLetterUnroutable(incoming, failure, context))) return false;
    const { generation, logger, waits } = context;
    const message = unreadMessageOf(incoming, failure.event);
    const hook = this.#hook(message, failure.cause, logger);
    const called = await retryUntilDone(hook, this.#deps.limits, generation.stopping, (error) => {
      waits(error);
      logger.warn({ error }, 'onDeadLetter failed, partition waits');
    });
    return called !== undefined && !generation.ended;
  }

  /** Sends a message that is not of the consumer's topics to the dead-letter topic, without calling `onDeadLetter`. */
  async deadLetterUnroutable(
    incoming: Incoming,
    failure: Failure,
    { generation, logger, waits }: PublishContext,
  ): Promise<boolean> {
    const { options, limits, metrics } = this.#deps;
    const send = () => this.#send(incoming, failure);
    const labels = { group: options.group, topic: incoming.origin.topic };
    const sent = await retryUntilDone(send, limits, generation.stopping, (error) => {
      waits(error);
      metrics.deadLetterFailures.inc(labels);
      logger.warn({ error }, 'dead letter not sent, partition waits');
    });
    if (sent === undefined || generation.ended) return false;
    const { cause, tries } = failure;
    metrics.deadLetters.inc({ ...labels, code: cause.code });
    logger.error({ error: cause, tries }, 'message dead-lettered');
    return true;
  }

  #send(incoming: Incoming, { cause, tries }: Failure): Promise<void> {
    const { options, producer, prefix, now } = this.#deps;
    const at = now();
    return producer.send({
      topic: `${prefix}${deadLetterTopic(options.service)}`,
      key: incoming.key,
      value: incoming.value,
      headers: { ...incoming.rawHeaders, ...retryHeaders({ ...incoming.origin, tries }, cause, at) },
      // Not the timestamp of the original: retention counts from here.
      timestamp: at,
      gzip: false,
    });
  }

  #hook(message: UnreadMessage<TopicEvents[T], T>, cause: ExportError, logger: Logger): () => Promise<void> {
    const { onDeadLetter } = this.#deps.options;
    if (onDeadLetter === undefined) return () => Promise.resolve();
    let finalFailures = 0;
    return async () => {
      try {
        await onDeadLetter(message, cause);
      } catch (error) {
        if (!(error instanceof ExportError && error.retryable)) finalFailures += 1;
        if (finalFailures < maximumHookFailures) throw error;
        logger.error({ error }, 'onDeadLetter given up, partition continued without it');
      }
    };
  }
}

/** Returns the message for `onDeadLetter`; its headers may have any value. */
function unreadMessageOf<T extends Topic>(
  incoming: Incoming<T>,
  event: TopicEvents[T] | undefined,
): UnreadMessage<TopicEvents[T], T> {
  const { topic, partition, offset } = incoming.origin;
  const companyId = incoming.headers['ce_companyid'];
  const attempt = Number(incoming.headers['ce_attempt']);
  return {
    topic,
    partition,
    offset,
    key: keyOf(incoming),
    headers: incoming.headers,
    ...(companyId === undefined ? {} : { companyId }),
    ...(Number.isSafeInteger(attempt) && attempt > 0 ? { attempt } : {}),
    ...(event === undefined ? {} : { event }),
  };
}
