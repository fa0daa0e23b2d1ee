import { asExportError, ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import { pause, untilDone } from '../broker/backoff.ts';
import { Burial, type BurialParts } from '../dead-letter/publisher.ts';
import type { Codec } from '../wire/codec.ts';
import { decide, decideThrown, type RetryPolicy, type Step } from './decision.ts';
import type { Generation } from './generation.ts';
import { readEventHead } from '../wire/headers.ts';
import type { Incoming } from '../wire/incoming.ts';
import { messageOf, type Content } from './message.ts';
import type { Outcome } from '../types/outcome.ts';

/** How the delivery of a message ended. Abandoned: it is not handled and stays where it is. */
export type Delivered =
  | { readonly kind: 'advance' | 'abandoned' }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint };

/** The circumstances of a delivery: those of the batch that the message came in. */
export interface Circumstances {
  readonly generation: Generation;
  readonly heartbeat: () => Promise<void>;
  readonly highWatermark: bigint;
}

export interface DeliveryParts<T extends Topic> extends BurialParts<T> {
  readonly policy: RetryPolicy;
  readonly codec: Codec;
  readonly logger: Logger;
}

const abandoned: Delivered = { kind: 'abandoned' };

/** Takes one message to its end: decoded, handled, retried, put off or dead-lettered. Never throws. */
export class Delivery<T extends Topic> {
  readonly #parts: DeliveryParts<T>;
  readonly #burial: Burial<T>;

  constructor(parts: DeliveryParts<T>) {
    this.#parts = parts;
    this.#burial = new Burial(parts);
  }

  async deliver(incoming: Incoming<T>, circumstances: Circumstances): Promise<Delivered> {
    const { generation } = circumstances;
    const logger = this.#loggerOf(incoming);
    const bury = async (cause: ExportError, deliveries: number, content?: Content<T>) => {
      const buried = this.#burial.bury(incoming, { cause, deliveries }, content?.event, generation, logger);
      return (await buried) ? ({ kind: 'advance' } as const) : abandoned;
    };

    const content = await this.#read(incoming, generation, logger);
    if (content === undefined) return abandoned;
    if (content instanceof ExportError) return bury(content, 1);

    for (let delivery = incoming.origin.deliveries + 1; ; delivery += 1) {
      const step = await this.#handle(incoming, content, delivery, circumstances, logger);
      switch (step.kind) {
        case 'again':
          if (!(await pause(step.afterMs, generation.taking))) return abandoned;
          break;
        case 'forward':
          return this.#forward(incoming, step, delivery, generation, logger);
        case 'dead-letter':
          return bury(step.cause, delivery, content);
        default:
          return step;
      }
    }
  }

  /** Dead-letters what is no message of this consumer's topics. */
  async discard(incoming: Incoming, cause: ExportError, generation: Generation): Promise<Delivered> {
    const failure = { cause, deliveries: 0 };
    const shelved = await this.#burial.shelve(incoming, failure, generation, this.#loggerOf(incoming));
    return shelved ? { kind: 'advance' } : abandoned;
  }

  /** Its content, or why it can never be read, or undefined if the partition went before the registry answered. */
  async #read(
    incoming: Incoming<T>,
    generation: Generation,
    logger: Logger,
  ): Promise<Content<T> | ExportError | undefined> {
    const read = async () => {
      try {
        const event = await this.#parts.codec.decode(incoming.origin.topic, incoming.value);
        return { head: readEventHead(incoming.headers), event };
      } catch (error) {
        const cause = asExportError(error, 'EVENT_UNREADABLE');
        if (cause.retryable) throw cause;
        return cause;
      }
    };
    const found = await untilDone(read, this.#parts.limits, generation.taking, (error) =>
      logger.warn({ error }, 'the schema registry does not answer; the partition waits'),
    );
    return found?.value;
  }

  async #handle(
    incoming: Incoming<T>,
    content: Content<T>,
    delivery: number,
    { generation, heartbeat, highWatermark }: Circumstances,
    logger: Logger,
  ): Promise<Step | Delivered> {
    const { metrics, options, policy } = this.#parts;
    const labels = { group: options.group, topic: incoming.origin.topic };
    const work = generation.startWork();
    const stopTimer = metrics.handleSeconds.startTimer(labels);
    try {
      const context = { signal: work.signal, heartbeat, logger, highWatermark };
      const outcome = await options.handler(messageOf(incoming, content, delivery), context);
      metrics.handled.inc({ ...labels, outcome: outcome.kind });
      report(outcome, delivery, logger);
      const step = decide(outcome, delivery, policy);
      return counts(step, work.signal, generation) ? step : abandoned;
    } catch (error) {
      if (work.signal.aborted) return abandoned;
      metrics.handled.inc({ ...labels, outcome: 'thrown' });
      logger.error({ error, delivery }, 'a handler threw; handlers must return an outcome');
      const unexpected = () => new ExportError('EXPORT_FAILED', { cause: error, retryable: true });
      return decideThrown(error instanceof ExportError ? error : unexpected(), delivery, policy);
    } finally {
      stopTimer();
      generation.endWork(work);
    }
  }

  async #forward(
    incoming: Incoming<T>,
    { cause, delayName }: { readonly cause: ExportError; readonly delayName: string },
    deliveries: number,
    generation: Generation,
    logger: Logger,
  ): Promise<Delivered> {
    const forwarded = await untilDone(
      () => this.#parts.shelf.forward(incoming, { cause, deliveries }, delayName),
      this.#parts.limits,
      generation.taking,
      (error) =>
        logger.warn({ error }, 'a message could not be put into its retry topic; the partition waits'),
    );
    return forwarded === undefined || generation.over ? abandoned : { kind: 'advance' };
  }

  #loggerOf(incoming: Incoming): Logger {
    const { topic, partition, offset } = incoming.origin;
    const jobId = incoming.headers['ce_subject'];
    const companyId = incoming.headers['ce_companyid'];
    return this.#parts.logger.child({
      topic,
      partition,
      offset: String(offset),
      ...(jobId === undefined ? {} : { job_id: jobId }),
      ...(companyId === undefined ? {} : { company_id: companyId }),
    });
  }
}

/** Of an aborted handler only finished work counts: a failure may be nothing but the abort. */
function counts(step: Step, signal: AbortSignal, generation: Generation): boolean {
  if (generation.over) return false;
  return !signal.aborted || step.kind === 'advance' || step.kind === 'hold';
}

function report(outcome: Outcome, delivery: number, logger: Logger): void {
  if (outcome.kind === 'skip') logger.debug({ reason: outcome.reason }, 'a message was skipped');
  if (outcome.kind === 'retry') logger.warn({ error: outcome.cause, delivery }, 'a message will be retried');
  if (outcome.kind === 'rewind') logger.warn({ to: String(outcome.to) }, 'a partition is read again');
}
