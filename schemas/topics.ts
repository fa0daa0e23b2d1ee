import type {
  ExportActivity,
  ExportBatch,
  ExportCompleted,
  ExportProgress,
  ExportRequested,
} from './generated/events.ts';

/** Which event each topic carries. A topic carries one record type (TopicNameStrategy). */
export interface TopicEvents {
  'export.requested': ExportRequested;
  'export.requested.bulk': ExportRequested;
  'export.batches': ExportBatch;
  'export.batches.bulk': ExportBatch;
  'export.progress': ExportProgress;
  'export.completed': ExportCompleted;
  'export.activity': ExportActivity;
}

export type Topic = keyof TopicEvents;

/** The settings of one topic; the broker is told exactly these. */
export interface TopicSettings {
  readonly topic: Topic;
  /** File of the record under avro/, without its ending. */
  readonly record: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly maxMessageBytes: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const kib = 1024;

/**
 * Requested and batches have equal partition counts, standard and bulk each, so that a job's requested and batches
 * partitions carry the same number. Six lets render scale to six instances a lane before topics must be widened.
 * Batches may hold 20 MiB, far above the 512 KiB they are sized for: a range of contacts never splits, and one
 * contact may carry very long notes.
 */
export const topics: readonly TopicSettings[] = [
  settings('export.requested', 'export.requested', 6, 7 * dayMs, 1024 * kib),
  settings('export.requested.bulk', 'export.requested', 6, 7 * dayMs, 1024 * kib),
  settings('export.batches', 'export.batches', 6, 24 * hourMs, 20 * 1024 * kib),
  settings('export.batches.bulk', 'export.batches', 6, 24 * hourMs, 20 * 1024 * kib),
  settings('export.progress', 'export.progress', 6, 24 * hourMs, 64 * kib),
  settings('export.completed', 'export.completed', 6, 100 * dayMs, 1024 * kib),
  settings('export.activity', 'export.activity', 3, 90 * dayMs, 64 * kib),
];

/** Delays of the retry topics of notify and history, shortest first; the last one repeats. */
export const retryDelays = [
  { name: '30s', delayMs: 30_000 },
  { name: '5m', delayMs: 300_000 },
  { name: '1h', delayMs: hourMs },
] as const;

/** Services whose failed messages go to topics of their own. */
export type ConsumingService = 'intake' | 'resolver' | 'render' | 'notify' | 'history';

/** Those with retry topics; the others retry in place. */
export const delayedServices = ['notify', 'history'] as const satisfies readonly ConsumingService[];
export type DelayedService = (typeof delayedServices)[number];

/** A topic that carries the original bytes of another topic's message, with the cause in its headers. */
export interface ServiceTopicSettings {
  readonly topic: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly maxMessageBytes: number;
}

export function deadLetterTopic(service: ConsumingService): string {
  return `${service}.dlq`;
}

export function retryTopic(service: ConsumingService, delayName: string): string {
  return `${service}.retry.${delayName}`;
}

/** Retry topics and the dead-letter topics. */
export function serviceTopics(): readonly ServiceTopicSettings[] {
  const services: readonly ConsumingService[] = ['intake', 'resolver', 'render', 'notify', 'history'];
  const names = [
    ...services.map(deadLetterTopic),
    ...delayedServices.flatMap((service) => retryDelays.map((delay) => retryTopic(service, delay.name))),
  ];
  return names.map((topic) => ({
    topic,
    partitions: 1,
    retentionMs: 14 * dayMs,
    // A dead letter of render carries a whole batch.
    maxMessageBytes: 20 * 1024 * kib + 64 * kib,
  }));
}

function settings(
  topic: Topic,
  record: string,
  partitions: number,
  retentionMs: number,
  maxMessageBytes: number,
): TopicSettings {
  return { topic, record, partitions, retentionMs, maxMessageBytes };
}
