import { ExportError } from '@waybill/errors';
import type { ConsumingService, Topic } from '@waybill/schemas';
import type { Outcome } from '../types/outcome.ts';
import { replayGroup } from '../broker/group-names.ts';
import type { HandlerContext, MessageOf } from '../types/consumer.ts';
import type { Kafka } from '../types/kafka.ts';

export interface ReplayOptions<T extends Topic> {
  readonly kafka: Pick<Kafka, 'logRanges' | 'createConsumer'>;
  readonly service: ConsumingService;
  readonly topic: T;
  readonly handler: (message: MessageOf<T>, context: HandlerContext) => Promise<Outcome>;
  readonly signal: AbortSignal;
}

/** The counts of a replay. A message that it dead-letters is added to the service's dead-letter topic again. */
export interface ReplayReport {
  /** Events that could be read. */
  readonly events: number;
  readonly skipped: number;
  readonly dead_letters: number;
}

/**
 * Reads a topic from its beginning to its current end, under a consumer group of its own, so that the service's own
 * position does not change.
 * @throws ExportError SERVICE_UNAVAILABLE if the brokers are down at its start, or at an abort.
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
    group: replayGroup(service, new Date()),
    service,
    topics: [topic],
    handler: async (message, context) => {
      const outcome = await handler(message, context);
      if (outcome.kind === 'retry') return outcome;
      report.events += 1;
      if (outcome.kind === 'skip') report.skipped += 1;
      passed(message.partition, message.offset);
      return outcome;
    },
    // A message that could not be read counts as passed too.
    onDeadLetter: ({ partition, offset }) => {
      report.dead_letters += 1;
      passed(partition, offset);
      return Promise.resolve();
    },
  });
  const fail = (): void => reject(new ExportError('SERVICE_UNAVAILABLE', { cause: signal.reason }));
  signal.addEventListener('abort', fail, { once: true });
  try {
    void consumer.start();
    await ended;
  } finally {
    signal.removeEventListener('abort', fail);
    await consumer.stop();
  }
  return report;
}
