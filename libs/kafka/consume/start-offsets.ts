import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import type { BrokerAdmin } from '../broker/broker-admin.ts';
import { partitionKey, type HeldPartition } from './generation.ts';
import type { Reader } from '../wire/incoming.ts';
import { startAt, type Standing } from './partition-position.ts';
import type { ConsumerOptions, TopicPartition } from '../types/types.ts';

export interface OpeningParts<T extends Topic> {
  readonly broker: BrokerAdmin;
  /** With its prefix. */
  readonly groupId: string;
  readonly reader: Reader<T>;
  readonly onAssigned: ConsumerOptions<T>['onAssigned'];
  readonly logger: Logger;
}

/** A partition and where reading of it starts. */
export interface Opened {
  readonly held: HeldPartition;
  readonly standing: Standing;
  /** What the group knows, or would begin with. */
  readonly committed: bigint;
}

/**
 * Where a new generation starts to read: at the consumer's own positions, else at the committed offset, else at the
 * first message that is there. All are named, because kafkajs keeps seeks of earlier generations, and because its own
 * answer to an offset that retention has passed is to commit a special value.
 * @throws what the broker or `onAssigned` throws; the caller tries again.
 */
export async function findPositions<T extends Topic>(
  parts: OpeningParts<T>,
  partitions: readonly HeldPartition[],
): Promise<readonly Opened[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const [committed, ranges] = await Promise.all([
    parts.broker.committed(parts.groupId, topics),
    parts.broker.logRanges(topics),
  ]);
  const wanted = await ownPositions(parts, partitions);
  return partitions.map((held) => {
    const key = partitionKey(held.topic, held.partition);
    const low = ranges.get(key)?.low ?? 0n;
    const known = committed.get(key) ?? low;
    const standing = startAt(known, wanted.get(key));
    if (standing.position >= low) return { held, standing, committed: known };
    const { topic, partition } = held;
    const fields = { topic, partition, from: String(standing.position), to: String(low) };
    parts.logger.error(fields, 'messages were deleted by retention before they were read');
    return { held, standing: { ...standing, position: low }, committed: known };
  });
}

async function ownPositions<T extends Topic>(
  { onAssigned, reader }: OpeningParts<T>,
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
