import { ExportError } from '@waybill/errors';
import type { Admin, Kafka as Client } from 'kafkajs';
import { withTimeout } from './timeout.ts';
import { unavailable } from '../wire/errors.ts';

/** First offset that the broker still has, and the next one to be written. */
export interface LogRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** Returns one string for a partition, as a key of maps. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** Questions to the brokers. Topics have their prefix; maps are by `partitionKey`. */
export interface BrokerAdmin {
  /**
   * Asks for the metadata of the cluster.
   * @throws ExportError SERVICE_UNAVAILABLE if no broker answers in time.
   */
  ping(): Promise<void>;
  /**
   * Returns the committed offsets of a group, without the partitions that have none.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  committed(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, bigint>>;
  /**
   * Returns the offsets that the brokers hold of each partition.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  logRanges(topics: readonly string[]): Promise<ReadonlyMap<string, LogRange>>;
  /**
   * Runs calls over the connection.
   * @throws ExportError SERVICE_UNAVAILABLE if they fail or take too long.
   */
  use<R>(what: string, calls: (admin: Admin, late: AbortSignal) => Promise<R>, limitMs?: number): Promise<R>;
  close(): Promise<void>;
}

/** A broker that does not answer a question within this time counts as down. */
const answerMs = 5_000;

/** Creates the admin; it connects with its first use. */
export function createBrokerAdmin(client: Client): BrokerAdmin {
  const admin = client.admin({ retry: { retries: 2 } });
  let opening: Promise<void> | undefined;

  const open = async () => {
    opening ??= admin.connect();
    try {
      await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };

  const use: BrokerAdmin['use'] = async (what, calls, limitMs = answerMs) => {
    try {
      return await withTimeout(limitMs, what, async (late) => {
        await open();
        return calls(admin, late);
      });
    } catch (error) {
      throw error instanceof ExportError ? error : unavailable(error);
    }
  };

  return {
    use,
    async ping() {
      await use('The description of the cluster', (open) => open.describeCluster());
    },
    async committed(group, topics) {
      const answer = await use('The committed offsets', (open) =>
        open.fetchOffsets({ groupId: group, topics: [...topics] }),
      );
      const found = answer.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => [partitionKey(topic, partition), BigInt(offset)] as const),
      );
      return new Map(found.filter(([, offset]) => offset >= 0n));
    },
    async logRanges(topics) {
      const answers = await use('The offsets of the topics', (open) =>
        Promise.all(topics.map(async (topic) => ({ topic, ranges: await open.fetchTopicOffsets(topic) }))),
      );
      const found = answers.flatMap(({ topic, ranges }) =>
        ranges.map(
          ({ partition, low, high }) =>
            [partitionKey(topic, partition), { low: BigInt(low), high: BigInt(high) }] as const,
        ),
      );
      return new Map(found);
    },
    async close() {
      if (opening === undefined) return;
      await opening.catch(() => undefined);
      await admin.disconnect();
    },
  };
}
