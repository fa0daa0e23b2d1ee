import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import { partitionKey, type BrokerAdmin, type LogRange } from '../broker/broker-admin.ts';
import type { ConsumerOptions, TopicPartition } from '../types/consumer.ts';
import type { Reader } from '../wire/incoming.ts';
import type { KafkaMetrics } from '../metrics.ts';
import type { HeldPartition } from './generation.ts';
import { startAt, type PartitionPosition } from './partition-position.ts';

export interface StartOffsetsDeps<T extends Topic> {
  readonly broker: BrokerAdmin;
  /** With its prefix. */
  readonly groupId: string;
  readonly reader: Reader<T>;
  readonly onAssigned: ConsumerOptions<T>['onAssigned'];
  readonly onRevoked: ConsumerOptions<T>['onRevoked'];
  readonly metrics: KafkaMetrics;
  readonly logger: Logger;
}

/** Where reading of a partition starts. */
export interface StartOffset {
  readonly position: PartitionPosition;
  /** The group's offset, or the one that it would start with. */
  readonly committed: bigint;
}

interface GroupOffsets {
  readonly committed: ReadonlyMap<string, bigint>;
  readonly ranges: ReadonlyMap<string, LogRange>;
}

/**
 * Finds where a new generation starts to read: at the consumer's own position, else at the committed offset, else at the
 * first message of the partition. Every partition gets an explicit offset, because kafkajs keeps seeks of earlier
 * generations and commits a special value where retention has deleted the committed offset.
 */
export class StartOffsets<T extends Topic> {
  readonly #deps: StartOffsetsDeps<T>;
  readonly #topics: readonly string[];
  #asking: Promise<GroupOffsets> | undefined;

  constructor(deps: StartOffsetsDeps<T>, partitions: Iterable<HeldPartition>) {
    this.#deps = deps;
    this.#topics = [...new Set([...partitions].map(({ topic }) => topic))];
  }

  /**
   * Returns where one partition starts.
   * @throws what the broker or `onAssigned` throws; the caller retries.
   */
  async find(held: HeldPartition): Promise<StartOffset> {
    const { onAssigned, reader } = this.#deps;
    const { committed, ranges } = await this.#groupOffsets();
    const own = ownPartition(reader, held);
    const wanted = own === undefined ? undefined : await onAssigned?.(own);
    const key = partitionKey(held.topic, held.partition);
    const low = ranges.get(key)?.low ?? 0n;
    const known = committed.get(key) ?? low;
    const position = startAt(known, wanted);
    if (position.next >= low) return { position, committed: known };
    reportReset(this.#deps, held, { from: position.next, to: low });
    return { position: { ...position, next: low }, committed: known };
  }

  /** Partitions that are opened at the same time share one answer. */
  async #groupOffsets(): Promise<GroupOffsets> {
    const asking = (this.#asking ??= this.#ask());
    try {
      return await asking;
    } finally {
      this.#asking = undefined;
    }
  }

  async #ask(): Promise<GroupOffsets> {
    const { broker, groupId } = this.#deps;
    const [committed, ranges] = await Promise.all([
      broker.committed(groupId, this.#topics),
      broker.logRanges(this.#topics),
    ]);
    return { committed, ranges };
  }
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

/** Returns a partition of the consumer's own topics without the prefix; undefined for a retry topic. */
export function ownPartition<T extends Topic>(
  { topics, prefix }: Reader<T>,
  { topic: full, partition }: Pick<HeldPartition, 'topic' | 'partition'>,
): TopicPartition<T> | undefined {
  const topic = topics.find((candidate) => `${prefix}${candidate}` === full);
  return topic === undefined ? undefined : { topic, partition };
}
