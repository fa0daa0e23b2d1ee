import { serviceTopics, topics, type Topic } from '@waybill/schemas';

/** What the broker is told about one topic. */
export interface BrokerTopic {
  /** With the prefix. */
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Everything that this project needs on a broker: the events, their retries and their dead letters. */
export function brokerTopics(prefix: string): readonly BrokerTopic[] {
  return [...topics, ...serviceTopics()].map(({ topic, partitions, retentionMs, maxMessageBytes }) => ({
    topic: `${prefix}${topic}`,
    partitions,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs),
      'max.message.bytes': String(maxMessageBytes),
    },
  }));
}

/**
 * Topics whose messages are sent with gzip. Measured with events as they are (README.md): requests shrink to 0.54 with
 * a long id list, completed events, which are kept 100 days, to 0.68. Batches are ciphertext and do not shrink at all;
 * progress and activity are too short to be worth it.
 */
const gzipped: readonly Topic[] = ['export.requested', 'export.requested.bulk', 'export.completed'];

export function compressed(topic: Topic): boolean {
  return gzipped.includes(topic);
}
