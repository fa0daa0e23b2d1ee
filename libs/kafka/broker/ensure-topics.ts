import type { Logger } from '@waybill/observability';
import { jobTopics, serviceTopics, topics } from '@waybill/schemas';
import kafkajs, { type Admin } from 'kafkajs';
import { retryUntilDone } from './backoff.ts';
import type { BrokerAdmin } from './broker-admin.ts';
import type { TopicOptions } from '../types/kafka.ts';

// Node does not find these two as named exports of this CommonJS package.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

/** Creating some twenty topics took 0.4 s on one broker; a cluster with replicas is slower. */
const limitMs = 30_000;

/** The settings of one topic on the broker. */
interface BrokerTopic {
  /** With the prefix. */
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface EnsureTopicsOptions extends TopicOptions {
  readonly prefix: string;
}

/**
 * Returns every topic of the project: the events, their retries and their dead letters. Batches come before requested: a
 * job has the same partition number in both, so a partition that takes requests needs its batches.
 */
export function brokerTopics({ prefix, jobPartitions }: EnsureTopicsOptions): readonly BrokerTopic[] {
  const jobNames = new Set<string>(jobTopics);
  return [...topics, ...serviceTopics()]
    .map(({ topic, partitions, retentionMs, maxMessageBytes }) => ({
      topic: `${prefix}${topic}`,
      partitions: jobNames.has(topic) ? (jobPartitions ?? partitions) : partitions,
      config: {
        'cleanup.policy': 'delete',
        'retention.ms': String(retentionMs),
        'max.message.bytes': String(maxMessageBytes),
      },
    }))
    .sort((a, b) => a.topic.localeCompare(b.topic, 'en'));
}

/** Returns the replication factor of new topics in a cluster with this number of brokers. */
export function replicationFactorFor(brokers: number, { replicationFactor }: TopicOptions): number {
  return replicationFactor ?? (brokers >= 3 ? 3 : 1);
}

/**
 * Returns how many replicas of a topic must have a message before its send is acknowledged. More than the topic has would
 * fail every send.
 */
export function minInsyncReplicasFor(replicas: number, { minInsyncReplicas }: TopicOptions): number {
  return Math.min(replicas, minInsyncReplicas ?? (replicas >= 3 ? 2 : 1));
}

/** Creates the topics that are missing and applies the settings to those that exist. Repeating it changes nothing. */
export async function ensureTopics(
  broker: BrokerAdmin,
  options: EnsureTopicsOptions,
  logger: Logger,
): Promise<void> {
  const wanted = brokerTopics(options);
  await broker.use(
    'Creating the topics',
    async (admin, late) => {
      const { brokers } = await admin.describeCluster();
      const replicas = replicationFactorFor(brokers.length, options);
      const known = new Set(await admin.listTopics());
      const missing = wanted
        .filter(({ topic }) => !known.has(topic))
        .map((topic) => withReplicas(topic, replicas, options));
      if (missing.length > 0) await create(admin, { missing, replicas, late });
      const existing = wanted.filter(({ topic }) => known.has(topic));
      if (existing.length > 0) await align(admin, { existing, options, replicas, late, logger });
      logger.info({ created: missing.length, existing: existing.length }, 'topics ensured');
    },
    limitMs,
  );
}

function withReplicas(wanted: BrokerTopic, replicas: number, options: TopicOptions): BrokerTopic {
  const minimum = String(minInsyncReplicasFor(replicas, options));
  return { ...wanted, config: { ...wanted.config, 'min.insync.replicas': minimum } };
}

interface CreateContext {
  readonly missing: readonly BrokerTopic[];
  readonly replicas: number;
  readonly late: AbortSignal;
}

/** Creates topics. If another service creates the same topics at the same time, that counts as success. */
async function create(admin: Admin, { missing, replicas, late }: CreateContext): Promise<void> {
  await admin.createTopics({
    // kafkajs' own wait fails while a broker does not know the new topic yet, which is usual at first.
    waitForLeaders: false,
    topics: missing.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    })),
  });
  await untilLed(admin, missing, late);
}

/** Waits until each partition takes messages: once its leader knows its role, about 100 ms after the metadata names it. */
async function untilLed(admin: Admin, wanted: readonly BrokerTopic[], late: AbortSignal): Promise<void> {
  const led = async () => {
    const ranges = await Promise.all(wanted.map(({ topic }) => admin.fetchTopicOffsets(topic)));
    const isMissing = wanted.some(({ partitions }, index) => (ranges[index]?.length ?? 0) < partitions);
    if (isMissing) throw new Error('The broker does not know every new partition yet.');
  };
  await retryUntilDone(led, { backoffFromMs: 20, backoffToMs: 500 }, late, () => undefined);
}

interface AlignContext {
  readonly existing: readonly BrokerTopic[];
  readonly options: TopicOptions;
  /** Of new topics. */
  readonly replicas: number;
  readonly late: AbortSignal;
  readonly logger: Logger;
}

/** Gives existing topics the partitions that they lack, then the settings of the table. */
async function align(admin: Admin, context: AlignContext): Promise<void> {
  const { existing, options, replicas, late, logger } = context;
  const { topics: found } = await admin.fetchTopicMetadata({ topics: existing.map(({ topic }) => topic) });
  const partitionsOf = new Map(found.map(({ name, partitions }) => [name, partitions]));
  const toWiden: BrokerTopic[] = [];
  const aligned = existing.map((wanted) => {
    const partitions = partitionsOf.get(wanted.topic) ?? [];
    const has = Math.min(...partitions.map((one) => one.replicas.length));
    const fields = { topic: wanted.topic, partitions: partitions.length, wanted: wanted.partitions };
    if (partitions.length < wanted.partitions) toWiden.push(wanted);
    // Kafka cannot remove partitions.
    if (partitions.length > wanted.partitions) logger.warn(fields, 'topic has more partitions than wanted');
    if (has !== replicas) {
      logger.warn(
        { topic: wanted.topic, replicas: has, wanted: replicas },
        'topic keeps its number of replicas',
      );
    }
    return withReplicas(wanted, has, options);
  });
  for (const { topic, partitions } of toWiden) {
    await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
    logger.info({ topic, partitions }, 'topic widened');
  }
  await untilLed(admin, toWiden, late);
  await configure(admin, aligned, logger);
}

/** Applies the settings to topics that have others. */
async function configure(admin: Admin, existing: readonly BrokerTopic[], logger: Logger): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map(({ topic }) => ({ type: ConfigResourceTypes.TOPIC, name: topic })),
  });
  for (const wanted of existing) {
    const entries = resources.find(({ resourceName }) => resourceName === wanted.topic)?.configEntries ?? [];
    const set = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    if (Object.entries(wanted.config).every(([name, value]) => set.get(name) === value)) continue;
    // The request replaces all of a topic's own settings, so it includes those of an operator.
    const own = entries
      .filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)
      .map(({ configName, configValue }) => [configName, configValue] as const);
    const configEntries = Object.entries({ ...Object.fromEntries(own), ...wanted.config });
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: wanted.topic,
          configEntries: configEntries.map(([name, value]) => ({ name, value })),
        },
      ],
    });
    logger.info({ topic: wanted.topic }, 'topic settings applied');
  }
}
