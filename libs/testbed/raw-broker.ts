import { waitFor } from './wait.ts';
import kafkajs, {
  AssignerProtocol,
  Kafka as Client,
  logLevel,
  Partitioners,
  type Admin,
  type Consumer,
  type Producer,
} from 'kafkajs';

/** A message as it is stored on the broker. */
export interface StoredMessage {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  /** Id of the producer, '-1' if it is not idempotent (Kafka protocol, RecordBatch). */
  readonly producerId: string;
}

/** The header of the batch of a message, which the types of kafkajs omit. */
interface InBatch {
  readonly batchContext?: { readonly producerId: string };
}

type TextConfig = Readonly<Record<string, string>>;

const topicResource = kafkajs.ConfigResourceTypes.TOPIC;

/** The broker without libs/kafka, to send messages that it does not allow and to read what it stored. */
export class RawBroker {
  readonly #client: Client;
  readonly #prefix: string;
  #admin: Promise<Admin> | undefined;
  #producer: Promise<Producer> | undefined;

  constructor(brokers: string, prefix: string) {
    this.#client = new Client({
      clientId: 'raw',
      brokers: brokers.split(','),
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 100, retries: 6 },
    });
    this.#prefix = prefix;
  }

  /** Sends bytes to a topic without a schema. */
  async send(
    topic: string,
    message: {
      readonly key: string;
      readonly value: Buffer | string;
      readonly partition?: number;
      readonly headers?: Record<string, string>;
    },
  ): Promise<void> {
    const producer = await this.#openProducer();
    await producer.send({ topic: `${this.#prefix}${topic}`, messages: [message] });
  }

  /** Returns the committed offset of a group, or undefined without a commit. */
  async committed(group: string, topic: string, partition: number): Promise<bigint | undefined> {
    const admin = await this.#openAdmin();
    const [answer] = await admin.fetchOffsets({
      groupId: `${this.#prefix}${group}`,
      topics: [`${this.#prefix}${topic}`],
    });
    const offset = answer?.partitions.find((one) => one.partition === partition)?.offset;
    return offset === undefined || offset === '-1' ? undefined : BigInt(offset);
  }

  /** Number of members of a group. */
  async members(group: string): Promise<number> {
    const admin = await this.#openAdmin();
    const { groups } = await admin.describeGroups([`${this.#prefix}${group}`]);
    return groups[0]?.members.length ?? 0;
  }

  /** Sets a group without members to the start of a topic, as an operator does for a replay. */
  async rewind(group: string, topic: string): Promise<void> {
    const admin = await this.#openAdmin();
    await admin.resetOffsets({
      groupId: `${this.#prefix}${group}`,
      topic: `${this.#prefix}${topic}`,
      earliest: true,
    });
  }

  /** Returns the next offset of each partition. */
  async ends(topic: string): Promise<ReadonlyMap<number, bigint>> {
    const admin = await this.#openAdmin();
    // A new partition may not have a leader yet.
    const offsets = await waitFor(() => admin.fetchTopicOffsets(`${this.#prefix}${topic}`), {
      limitMs: 5_000,
      what: `the offsets of ${topic}`,
    });
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  /** Deletes the messages of a partition below an offset, like retention. */
  async deleteBelow(topic: string, partition: number, offset: bigint): Promise<void> {
    // The admin of kafkajs knows the leaders of a topic only after a request for its metadata.
    await this.ends(topic);
    const admin = await this.#openAdmin();
    const partitions = [{ partition, offset: String(offset) }];
    await admin.deleteTopicRecords({ topic: `${this.#prefix}${topic}`, partitions });
  }

  /** Returns every message of a topic, in the order of partitions and offsets. */
  async read(topic: string): Promise<readonly StoredMessage[]> {
    const full = `${this.#prefix}${topic}`;
    const ends = await this.ends(topic);
    const expected = new Map([...ends].filter(([, end]) => end > 0n));
    const found: StoredMessage[] = [];
    if (expected.size === 0) return found;
    const consumer = this.#client.consumer({ groupId: `${full}-reader-${Date.now()}-${Math.random()}` });
    await consumer.connect();
    await consumer.subscribe({ topics: [full], fromBeginning: true });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ partition, message }) => {
        const offset = BigInt(message.offset);
        const headers = Object.entries(message.headers ?? {}).map(
          ([name, value]) => [name, String(value)] as const,
        );
        found.push({
          partition,
          offset,
          key: String(message.key),
          value: message.value,
          headers: Object.fromEntries(headers),
          timestamp: Number(message.timestamp),
          // kafkajs adds the batch header to each message, but its types omit it.
          producerId: (message as InBatch).batchContext?.producerId ?? 'unknown',
        });
        if (offset + 1n >= (expected.get(partition) ?? 0n)) expected.delete(partition);
        if (expected.size === 0) resolve(undefined);
        return Promise.resolve();
      },
    });
    await promise;
    await consumer.disconnect();
    return found.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
  }

  async describe(topic: string): Promise<{ readonly partitions: number; readonly config: TextConfig }> {
    const full = `${this.#prefix}${topic}`;
    const admin = await this.#openAdmin();
    const { topics } = await admin.fetchTopicMetadata({ topics: [full] });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: topicResource, name: full }],
    });
    const entries = resources[0]?.configEntries ?? [];
    return {
      partitions: topics[0]?.partitions.length ?? 0,
      config: Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue])),
    };
  }

  /** Replaces the settings of a topic. */
  async configure(topic: string, config: TextConfig): Promise<void> {
    const admin = await this.#openAdmin();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: topicResource, name: `${this.#prefix}${topic}`, configEntries }],
    });
  }

  /** Deletes all topics of the prefix, since 50 partitions per test would fill the memory of the broker. */
  async deleteTopics(): Promise<void> {
    const admin = await this.#openAdmin();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(this.#prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  }

  /** Joins a group with an assignment protocol that no other member supports. */
  async joinStrangely(group: string, topic: string): Promise<Consumer> {
    const full = `${this.#prefix}${topic}`;
    const consumer = this.#client.consumer({
      groupId: `${this.#prefix}${group}`,
      partitionAssigners: [
        () => ({
          name: 'Strange',
          version: 0,
          assign: ({ members }) => {
            const assignment = AssignerProtocol.MemberAssignment.encode({
              version: 0,
              assignment: { [full]: [0] },
              userData: Buffer.alloc(0),
            });
            return Promise.resolve(
              members.map(({ memberId }) => ({ memberId, memberAssignment: assignment })),
            );
          },
          protocol: ({ topics }) => ({
            name: 'Strange',
            metadata: AssignerProtocol.MemberMetadata.encode({
              version: 0,
              topics,
              userData: Buffer.alloc(0),
            }),
          }),
        }),
      ],
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [full] });
    const joined = Promise.withResolvers<undefined>();
    consumer.on(consumer.events.GROUP_JOIN, () => joined.resolve(undefined));
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await joined.promise;
    return consumer;
  }

  async close(): Promise<void> {
    await (await this.#admin)?.disconnect();
    await (await this.#producer)?.disconnect();
  }

  #openAdmin(): Promise<Admin> {
    this.#admin ??= (async () => {
      const admin = this.#client.admin();
      await admin.connect();
      return admin;
    })();
    return this.#admin;
  }

  #openProducer(): Promise<Producer> {
    this.#producer ??= (async () => {
      const producer = this.#client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      return producer;
    })();
    return this.#producer;
  }
}
