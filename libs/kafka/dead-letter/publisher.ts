import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { Topic, TopicEvents } from '@waybill/schemas';
import { untilDone, type BackoffLimits } from '../broker/backoff.ts';
import type { Generation } from '../consume/generation.ts';
import type { Incoming } from '../wire/incoming.ts';
import { unreadMessageOf } from '../consume/message.ts';
import type { KafkaMetrics } from '../metrics.ts';
import type { Failure, Shelf } from './shelf.ts';
import type { ConsumerOptions } from '../types/types.ts';

export interface BurialParts<T extends Topic> {
  readonly options: ConsumerOptions<T>;
  readonly shelf: Shelf;
  readonly metrics: KafkaMetrics;
  readonly limits: BackoffLimits;
}

/** Calls of `onDeadLetter` that may fail for a reason which no retry mends. */
const hookTries = 5;

/** Gives up a message: into the dead-letter topic, then to `onDeadLetter`. */
export class Burial<T extends Topic> {
  readonly #parts: BurialParts<T>;

  constructor(parts: BurialParts<T>) {
    this.#parts = parts;
  }

  /** False if the partition went before both were done. Never throws. */
  async bury(
    incoming: Incoming<T>,
    failure: Failure,
    event: TopicEvents[T] | undefined,
    generation: Generation,
    logger: Logger,
  ): Promise<boolean> {
    if (!(await this.shelve(incoming, failure, generation, logger))) return false;
    const hooked = await untilDone(
      this.#hook(incoming, failure.cause, event, logger),
      this.#parts.limits,
      generation.taking,
      (error) => logger.warn({ error }, 'onDeadLetter failed; the partition waits'),
    );
    return hooked !== undefined && !generation.over;
  }

  /** Only into the dead-letter topic: for what is no message of the consumer's topics. */
  async shelve(
    incoming: Incoming,
    failure: Failure,
    generation: Generation,
    logger: Logger,
  ): Promise<boolean> {
    const { shelf, limits, metrics, options } = this.#parts;
    const shelved = await untilDone(
      () => shelf.bury(incoming, failure),
      limits,
      generation.taking,
      (error) => logger.warn({ error }, 'a dead letter could not be sent; the partition waits'),
    );
    if (shelved === undefined || generation.over) return false;
    const { cause, deliveries } = failure;
    metrics.deadLetters.inc({ consumer: options.service, topic: incoming.origin.topic, code: cause.code });
    logger.error({ error: cause, deliveries }, 'a message was dead-lettered');
    return true;
  }

  #hook(
    incoming: Incoming<T>,
    cause: ExportError,
    event: TopicEvents[T] | undefined,
    logger: Logger,
  ): () => Promise<void> {
    const { onDeadLetter } = this.#parts.options;
    if (onDeadLetter === undefined) return () => Promise.resolve();
    const message = unreadMessageOf(incoming, event);
    let finalFailures = 0;
    return async () => {
      try {
        await onDeadLetter(message, cause);
      } catch (error) {
        if (!(error instanceof ExportError && error.retryable)) finalFailures += 1;
        if (finalFailures < hookTries) throw error;
        logger.error({ error }, 'onDeadLetter fails again and again; the partition goes on without it');
      }
    };
  }
}
