import type { Kafka as Client } from 'kafkajs';
import type { BrokerAdmin } from './broker-admin.ts';
import { unavailable } from '../wire/errors.ts';
import { partitionKey } from '../consume/generation.ts';
import type { RawMessage } from '../wire/incoming.ts';
import type { Tuning } from '../types/tuning.ts';

/** A message as it lies in a topic; the topic with its prefix. */
export interface StoredMessage {
  readonly topic: string;
  readonly message: RawMessage;
}

export interface ReadParts {
  readonly client: Client;
  readonly broker: Pick<BrokerAdmin, 'logRanges'>;
  readonly tuning: Pick<Tuning, 'fetchWaitMs'>;
}

/** A broker that sends nothing for so long counts as down. The first message of a new group comes after some 3 s. */
const silenceMs = 30_000;

/**
 * Everything that lies in topics from their beginning to where they end now, undecoded. The group is used once and
 * commits nothing. @throws ExportError SERVICE_UNAVAILABLE
 */
export async function readThrough(
  { client, broker, tuning }: ReadParts,
  group: string,
  topics: readonly string[],
): Promise<readonly StoredMessage[]> {
  const ranges = await broker.logRanges(topics);
  const left = new Map(
    [...ranges].filter(([, { low, high }]) => high > low).map(([key, { high }]) => [key, high]),
  );
  const found: StoredMessage[] = [];
  if (left.size === 0) return found;
  const { promise: ended, resolve, reject } = Promise.withResolvers<undefined>();
  const consumer = client.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: tuning.fetchWaitMs,
  });
  let silence: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    silence = setTimeout(() => reject(new Error(`The broker sent nothing for ${silenceMs} ms.`)), silenceMs);
    const running = consumer.run({
      autoCommit: false,
      eachBatch: ({ batch: { topic, partition, messages } }) => {
        silence?.refresh();
        found.push(...messages.map((message) => ({ topic, message })));
        const key = partitionKey(topic, partition);
        const next = BigInt(messages.at(-1)?.offset ?? -1) + 1n;
        if (next >= (left.get(key) ?? 0n)) left.delete(key);
        if (left.size === 0) resolve(undefined);
        return Promise.resolve();
      },
    });
    running.catch(reject);
    await ended;
    return found;
  } catch (error) {
    throw unavailable(error);
  } finally {
    clearTimeout(silence);
    await consumer.disconnect();
  }
}
