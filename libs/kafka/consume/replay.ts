import { ExportError } from '@waybill/errors';
import type { ConsumingService, Topic } from '@waybill/schemas';
import type { Outcome } from '../types/outcome.ts';
import { inPlaceRetry, type HandlerContext, type Kafka, type MessageOf } from '../types/types.ts';

export interface ReplayOptions<T extends Topic> {
  readonly kafka: Pick<Kafka, 'logRanges' | 'createConsumer'>;
  readonly service: ConsumingService;
  readonly topic: T;
  readonly handler: (message: MessageOf<T>, context: HandlerContext) => Promise<Outcome>;
  readonly signal: AbortSignal;
}

/** What a replay went through; what is dead-lettered goes to the service's dead-letter topic once more. */
export interface ReplayReport {
  /** Those that could be read. */
  readonly events: number;
  readonly skipped: number;
  readonly dead_letters: number;
}

/** Before the name of each replay's group. */
export function replayGroups(service: ConsumingService): string {
  return `waybill.${service}.rebuild.`;
}

/**
 * Reads a topic from its beginning to where it ends now, under a consumer group of its own, so that the service's own
 * position stays. @throws ExportError SERVICE_UNAVAILABLE if the brokers are away at its start, or at an abort.
 */
export async function replay<T extends Topic>(options: ReplayOptions<T>): Promise<ReplayReport> {
  const { kafka, service, topic, handler, signal } = options;
  const ranges = await kafka.logRanges(topic);
  const left = new Map(
    ranges.filter(({ low, high }) => high > low).map(({ partition, high }) => [partition, high]),
  );
  const report = { events: 0, skipped: 0, dead_letters: 0 };
  if (left.size === 0) return report;
  const { promise: ended, resolve, reject } = Promise.withResolvers<undefined>();
  const passed = (partition: number, offset: bigint): void => {
    if (offset + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
    if (left.size === 0) resolve(undefined);
  };
  const consumer = kafka.createConsumer({
    group: `${replayGroups(service)}${Date.now()}`,
    service,
    topics: [topic],
    retry: inPlaceRetry,
    handler: async (message, context) => {
      const outcome = await handler(message, context);
      if (outcome.kind === 'retry') return outcome;
      report.events += 1;
      if (outcome.kind === 'skip') report.skipped += 1;
      passed(message.partition, message.offset);
      return outcome;
    },
    // Also what could not even be read counts as gone through.
    onDeadLetter: ({ partition, offset }) => {
      report.dead_letters += 1;
      passed(partition, offset);
      return Promise.resolve();
    },
  });
  const give = (): void => reject(new ExportError('SERVICE_UNAVAILABLE', { cause: signal.reason }));
  signal.addEventListener('abort', give, { once: true });
  try {
    void consumer.start();
    await ended;
  } finally {
    signal.removeEventListener('abort', give);
    await consumer.stop();
  }
  return report;
}
