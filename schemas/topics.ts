import type {
  ExportActivity,
  ExportBatch,
  ExportCompleted,
  ExportProgress,
  ExportRequested,
} from './generated/events.ts';

/** The event of each topic. A topic has one record type (TopicNameStrategy). */
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

/** The settings of one topic, as it is created on the broker. */
export interface TopicSettings {
  readonly topic: Topic;
  /** File of the record under avro/, without its ending. */
  readonly record: string;
  /** Of a job topic the default. */
  readonly partitions: number;
  readonly retentionMs: number;
  readonly maxMessageBytes: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const kib = 1024;

/** The topics with the requests and the batches of jobs. One setting of a deployment decides their partitions. */
export const jobTopics: readonly Topic[] = [
  'export.requested',
  'export.requested.bulk',
  'export.batches',
  'export.batches.bulk',
];

/** Render scales to as many instances a lane before these topics need more partitions. */
const jobPartitions = 24;

/**
 * Requested and batches have equal partition counts in each lane, so that a job has the same partition number in both.
 * A batch may have 20 MiB, far above the 512 KiB of a usual one: a range of contacts is never split, and one contact may
 * have very long notes.
 */
export const topics: readonly TopicSettings[] = [
  settings('export.requested', 'export.requested', jobPartitions, 7 * dayMs, 1024 * kib),
  settings('export.requested.bulk', 'export.requested', jobPartitions, 7 * dayMs, 1024 * kib),
  settings('export.batches', 'export.batches', jobPartitions, 24 * hourMs, 20 * 1024 * kib),
  settings('export.batches.bulk', 'export.batches', jobPartitions, 24 * hourMs, 20 * 1024 * kib),
  settings('export.progress', 'export.progress', 6, 24 * hourMs, 64 * kib),
  settings('export.completed', 'export.completed', 6, 100 * dayMs, 1024 * kib),
  settings('export.activity', 'export.activity', 3, 90 * dayMs, 64 * kib),
];

/** Services with dead-letter topics. */
export type ConsumingService = 'intake' | 'resolver' | 'render' | 'notify' | 'history';

/** Those whose dead letters can be redriven. Of resolver and render the job is retried instead. */
export const redrivableServices = [
  'intake',
  'notify',
  'history',
] as const satisfies readonly ConsumingService[];
export type RedrivableService = (typeof redrivableServices)[number];

/** A topic with the original bytes of another topic's messages, and the cause in their headers. */
export interface ServiceTopicSettings {
  readonly topic: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly maxMessageBytes: number;
}

export function deadLetterTopic(service: ConsumingService): string {
  return `${service}.dlq`;
}

/** Returns the topic that redriven dead letters of a service are copied to. */
export function retryTopic(service: RedrivableService): string {
  return `${service}.retry`;
}

/** Returns the dead-letter topics and the retry topics. */
export function serviceTopics(): readonly ServiceTopicSettings[] {
  const services: readonly ConsumingService[] = ['intake', 'resolver', 'render', 'notify', 'history'];
  const names = [...services.map(deadLetterTopic), ...redrivableServices.map(retryTopic)];
  return names.map((topic) => ({
    topic,
    partitions: 1,
    retentionMs: 14 * dayMs,
    // A dead letter of render contains a whole batch.
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
