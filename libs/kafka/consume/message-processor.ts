import { asExportError, causeOf, ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { Topic, TopicEvents } from '@waybill/schemas';
import { pause, retryUntilDone, type BackoffLimits } from '../broker/backoff.ts';
import type { DeadLetterPublisher, PublishContext } from '../dead-letter/publisher.ts';
import type { KafkaMetrics } from '../metrics.ts';
import { defaultRetry, type ConsumerOptions, type MessageOf } from '../types/consumer.ts';
import { retry, type Outcome } from '../types/outcome.ts';
import type { Codec } from '../wire/codec.ts';
import { readEventHead, type EventHead } from '../wire/headers.ts';
import { keyOf, type Incoming } from '../wire/incoming.ts';
import { decide, isFault } from './decision.ts';
import type { Generation, HeldPartition } from './generation.ts';
import { pauseMs, waitLonger, type Waiting } from './waiting.ts';

/** How the processing of a message ended. Abandoned: the message is not handled and its offset does not move. */
export type Processed =
  | { readonly kind: 'advance' | 'abandoned' }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint; readonly cause?: ExportError };

/** What a message takes from its batch. */
export interface ProcessContext {
  readonly generation: Generation;
  readonly held: HeldPartition;
  /** In the topic that it was fetched from; the origin's offset may be another. */
  readonly offset: bigint;
  readonly heartbeat: () => Promise<void>;
  readonly highWatermark: bigint;
}

export interface MessageProcessorDeps<T extends Topic> {
  readonly options: ConsumerOptions<T>;
  readonly deadLetters: DeadLetterPublisher<T>;
  readonly codec: Codec;
  readonly metrics: KafkaMetrics;
  readonly limits: BackoffLimits;
  readonly logger: Logger;
  readonly now: () => number;
}

/** The decoded event of a message and its head. */
interface Content<T extends Topic> {
  readonly head: EventHead;
  readonly event: TopicEvents[T];
}

/** One try of a message: its content, number (from 1) and logger. */
interface Try<T extends Topic> {
  readonly content: Content<T>;
  readonly tries: number;
  readonly logger: Logger;
}

const abandoned: Processed = { kind: 'abandoned' };

/** Processes one message to its end: it is decoded, then handled, retried or dead-lettered. Never throws. */
export class MessageProcessor<T extends Topic> {
  readonly #deps: MessageProcessorDeps<T>;

  constructor(deps: MessageProcessorDeps<T>) {
    this.#deps = deps;
  }

  async process(incoming: Incoming<T>, context: ProcessContext): Promise<Processed> {
    const { deadLetters, limits } = this.#deps;
    const { generation } = context;
    const logger = this.#loggerOf(incoming);
    const publishContext = this.#publishContext(context, logger);
    const deadLetter = async (cause: ExportError, tries: number, event?: TopicEvents[T]) =>
      advanceIf(await deadLetters.deadLetter(incoming, { cause, tries, event }, publishContext));

    const content = await this.#read(incoming, publishContext);
    if (content === undefined) return abandoned;
    if (content instanceof ExportError) return deadLetter(content, 1);

    let faults = 0;
    for (let tries = incoming.origin.tries + 1; ; tries += 1) {
      const outcome = await this.#handle(incoming, { content, tries, logger }, context);
      if (outcome === undefined) return abandoned;
      if (isFault(outcome)) faults += 1;
      const step = decide(outcome, faults, this.#deps.options.retry ?? defaultRetry);
      switch (step.kind) {
        case 'wait': {
          const waiting = this.#waitLonger(context, step.cause);
          if (!(await pause(pauseMs(waiting, limits), generation.stopping))) return abandoned;
          break;
        }
        case 'again':
          if (!(await pause(step.afterMs, generation.stopping))) return abandoned;
          break;
        case 'dead-letter':
          return deadLetter(step.cause, tries, content.event);
        default:
          return step;
      }
    }
  }

  /** Dead-letters a message that is not of this consumer's topics. */
  async discard(incoming: Incoming, cause: ExportError, context: ProcessContext): Promise<Processed> {
    const publishContext = this.#publishContext(context, this.#loggerOf(incoming));
    return advanceIf(
      await this.#deps.deadLetters.deadLetterUnroutable(incoming, { cause, tries: 0 }, publishContext),
    );
  }

  #publishContext(context: ProcessContext, logger: Logger): PublishContext {
    const { generation } = context;
    return { generation, logger, waits: (error) => void this.#waitLonger(context, causeOf(error)) };
  }

  #waitLonger({ held, offset }: ProcessContext, cause: ExportError): Waiting {
    const waiting = waitLonger(held.waiting, { cause, offset, at: this.#deps.now() });
    held.waiting = waiting;
    return waiting;
  }

  /** Returns the content, the error if it can never be read, or undefined if the generation stopped first. */
  async #read(
    incoming: Incoming<T>,
    { generation, logger, waits }: PublishContext,
  ): Promise<Content<T> | ExportError | undefined> {
    const read = async () => {
      try {
        const event = await this.#deps.codec.decode(incoming.origin.topic, incoming.value);
        return { head: readEventHead(incoming.headers), event };
      } catch (error) {
        const cause = asExportError(error, 'EVENT_UNREADABLE');
        if (cause.retryable) throw cause;
        return cause;
      }
    };
    const found = await retryUntilDone(read, this.#deps.limits, generation.stopping, (error) => {
      waits(error);
      logger.warn({ error }, 'schema registry did not answer, partition waits');
    });
    return found?.value;
  }

  /** Calls the handler. Returns its outcome; undefined if that does not count. */
  async #handle(
    incoming: Incoming<T>,
    { content, tries, logger }: Try<T>,
    { generation, heartbeat, highWatermark }: ProcessContext,
  ): Promise<Outcome | undefined> {
    const { metrics, options } = this.#deps;
    const labels = { group: options.group, topic: incoming.origin.topic };
    const work = generation.startWork();
    const stopTimer = metrics.handleSeconds.startTimer(labels);
    try {
      const context = { signal: work.signal, heartbeat, logger, highWatermark };
      const outcome = await options.handler(messageOf(incoming, content, tries), context);
      metrics.handled.inc({ ...labels, outcome: outcome.kind });
      logOutcome(outcome, tries, logger);
      return counts(outcome, work.signal, generation) ? outcome : undefined;
    } catch (error) {
      if (work.signal.aborted) return undefined;
      metrics.handled.inc({ ...labels, outcome: 'thrown' });
      logger.error({ error, tries }, 'handler threw instead of returning an outcome');
      return retry(causeOf(error));
    } finally {
      stopTimer();
      generation.endWork(work);
    }
  }

  #loggerOf(incoming: Incoming): Logger {
    const { topic, partition, offset } = incoming.origin;
    const jobId = incoming.headers['ce_subject'];
    const companyId = incoming.headers['ce_companyid'];
    return this.#deps.logger.child({
      topic,
      partition,
      offset: String(offset),
      ...(jobId === undefined ? {} : { job_id: jobId }),
      ...(companyId === undefined ? {} : { company_id: companyId }),
    });
  }
}

function advanceIf(published: boolean): Processed {
  return published ? { kind: 'advance' } : abandoned;
}

/** Returns the message as a handler receives it. */
function messageOf<T extends Topic>(
  incoming: Incoming<T>,
  { head, event }: Content<T>,
  tries: number,
): MessageOf<T> {
  const { topic, partition, offset } = incoming.origin;
  const message = { topic, partition, offset, key: keyOf(incoming), ...head, tries, event };
  // Topic and event belong together, since the codec decodes by the topic; the compiler cannot see that for a union.
  return message as unknown as MessageOf<T>;
}

/** Returns whether an outcome counts. Of an aborted handler only finished work does: its failure may come from the abort. */
function counts({ kind }: Outcome, signal: AbortSignal, generation: Generation): boolean {
  if (generation.ended) return false;
  return !signal.aborted || kind === 'done' || kind === 'skip' || kind === 'hold';
}

function logOutcome(outcome: Outcome, tries: number, logger: Logger): void {
  if (outcome.kind === 'skip') logger.debug({ reason: outcome.reason }, 'message skipped');
  if (outcome.kind === 'retry') logger.warn({ error: outcome.cause, tries }, 'message failed, retry planned');
  if (outcome.kind === 'rewind') {
    logger.warn({ to: String(outcome.to), error: outcome.cause }, 'partition rewound');
  }
}
