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
 * Whether messages of a topic are sent with gzip. Batches are ciphertext, which does not shrink (measured, see
 * README.md); the other events are texts.
 */
export function compressed(topic: Topic): boolean {
  return topic !== 'export.batches' && topic !== 'export.batches.bulk';
}
