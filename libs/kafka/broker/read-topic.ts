import type { Kafka as Client } from 'kafkajs';
import { partitionKey, type BrokerAdmin } from './broker-admin.ts';
import { unavailable } from '../wire/errors.ts';
import type { RawMessage } from '../types/dead-letter.ts';
import type { Tuning } from '../types/tuning.ts';

/** A message as it is stored in a topic; the topic has its prefix. */
export interface StoredMessage {
  readonly topic: string;
  readonly message: RawMessage;
}

export interface ReadTopicDeps {
  readonly client: Client;
  readonly broker: Pick<BrokerAdmin, 'logRanges'>;
  readonly tuning: Pick<Tuning, 'fetchWaitMs'>;
}

/** A broker that sends nothing for this time counts as down. The first message of a new group comes after about 3 s. */
const silenceMs = 30_000;

/**
 * Returns all messages of topics, from their beginning to their current end, undecoded. The group is used once and
 * commits nothing.
 * @throws ExportError SERVICE_UNAVAILABLE
 */
export async function readTopics(
  { client, broker, tuning }: ReadTopicDeps,
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
    silence = setTimeout(
      () => reject(new Error(`The broker sent nothing for ${silenceMs / 1_000} s.`)),
      silenceMs,
    );
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
