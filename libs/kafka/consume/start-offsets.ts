import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import { partitionKey, type BrokerAdmin } from '../broker/broker-admin.ts';
import type { HeldPartition } from './generation.ts';
import type { KafkaMetrics } from '../metrics.ts';
import type { Reader } from '../wire/incoming.ts';
import { startAt, type PartitionPosition } from './partition-position.ts';
import type { ConsumerOptions, TopicPartition } from '../types/consumer.ts';

export interface StartOffsetsDeps<T extends Topic> {
  readonly broker: BrokerAdmin;
  /** With its prefix. */
  readonly groupId: string;
  readonly reader: Reader<T>;
  readonly onAssigned: ConsumerOptions<T>['onAssigned'];
  readonly metrics: KafkaMetrics;
  readonly logger: Logger;
}

/** A partition and where reading of it starts. */
export interface StartOffset {
  readonly held: HeldPartition;
  readonly position: PartitionPosition;
  /** The group's offset, or the one that it would start with. */
  readonly committed: bigint;
}

/**
 * Returns where a new generation starts to read: at the consumer's own positions, else at the committed offset, else at
 * the first message of the partition. Every partition gets an explicit offset, because kafkajs keeps seeks of earlier
 * generations and commits a special value where retention has deleted the committed offset.
 * @throws what the broker or `onAssigned` throws; the caller retries.
 */
export async function findStartOffsets<T extends Topic>(
  deps: StartOffsetsDeps<T>,
  partitions: readonly HeldPartition[],
): Promise<readonly StartOffset[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const [committed, ranges] = await Promise.all([
    deps.broker.committed(deps.groupId, topics),
    deps.broker.logRanges(topics),
  ]);
  const wanted = await ownPositions(deps, partitions);
  return partitions.map((held) => {
    const key = partitionKey(held.topic, held.partition);
    const low = ranges.get(key)?.low ?? 0n;
    const known = committed.get(key) ?? low;
    const position = startAt(known, wanted.get(key));
    if (position.next >= low) return { held, position, committed: known };
    reportReset(deps, held, { from: position.next, to: low });
    return { held, position: { ...position, next: low }, committed: known };
  });
}

/** Logs and counts that reading continues at another offset than the one after the last message. */
export function reportReset<T extends Topic>(
  { reader, metrics, logger }: Pick<StartOffsetsDeps<T>, 'reader' | 'metrics' | 'logger'>,
  { topic, partition }: Pick<HeldPartition, 'topic' | 'partition'>,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): void {
  metrics.offsetResets.inc({ group: reader.group, topic: topic.slice(reader.prefix.length) });
  const fields = { topic, partition, from: String(from), to: String(to) };
  logger.error(fields, 'offset reset, the broker no longer had the next message');
}

async function ownPositions<T extends Topic>(
  { onAssigned, reader }: StartOffsetsDeps<T>,
  partitions: readonly HeldPartition[],
): Promise<ReadonlyMap<string, bigint>> {
  if (onAssigned === undefined) return new Map();
  const own = partitions.flatMap((held): readonly TopicPartition<T>[] => {
    const topic = reader.topics.find((candidate) => `${reader.prefix}${candidate}` === held.topic);
    return topic === undefined ? [] : [{ topic, partition: held.partition }];
  });
  const positions = await onAssigned(own);
  return new Map(
    positions.map(({ topic, partition, offset }) => [
      partitionKey(`${reader.prefix}${topic}`, partition),
      offset,
    ]),
  );
}
