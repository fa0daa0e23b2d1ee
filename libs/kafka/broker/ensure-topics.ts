import type { Logger } from '@waybill/observability';
import { serviceTopics, topics } from '@waybill/schemas';
import kafkajs, { type Admin } from 'kafkajs';
import { retryUntilDone } from './backoff.ts';
import type { BrokerAdmin } from './broker-admin.ts';

// Node does not find these two as named exports of this CommonJS package.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

/** Creating some twenty topics took 0.4 s on one broker; a cluster with replicas is slower. */
const limitMs = 30_000;

/** The settings of one topic on the broker. */
export interface BrokerTopic {
  /** With the prefix. */
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Returns every topic of the project: the events, their retries and their dead letters. */
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

/** Creates the topics that are missing and applies the settings to those that exist. Repeating it changes nothing. */
export async function ensureTopics(
  broker: BrokerAdmin,
  wanted: readonly BrokerTopic[],
  logger: Logger,
): Promise<void> {
  await broker.use(
    'Creating the topics',
    async (admin, late) => {
      const known = new Set(await admin.listTopics());
      const missing = wanted.filter(({ topic }) => !known.has(topic));
      if (missing.length > 0) await create(admin, missing, late);
      const existing = wanted.filter(({ topic }) => known.has(topic));
      if (existing.length > 0) await align(admin, existing, logger);
      logger.info({ created: missing.length, existing: existing.length }, 'topics ensured');
    },
    limitMs,
  );
}

/** Creates topics. If another service creates the same topics at the same time, that counts as success. */
async function create(admin: Admin, missing: readonly BrokerTopic[], late: AbortSignal): Promise<void> {
  await admin.createTopics({
    // kafkajs' own wait fails while a broker does not know the new topic yet, which is usual at first.
    waitForLeaders: false,
    topics: missing.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      // -1: the brokers' default.replication.factor.
      replicationFactor: -1,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    })),
  });
  // A partition takes messages once its leader knows its role, about 100 ms after the metadata names it.
  const led = () => Promise.all(missing.map(({ topic }) => admin.fetchTopicOffsets(topic)));
  await retryUntilDone(led, { backoffFromMs: 20, backoffToMs: 500 }, late, () => undefined);
}

async function align(admin: Admin, existing: readonly BrokerTopic[], logger: Logger): Promise<void> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: existing.map(({ topic }) => topic) });
  const counts = new Map(found.map(({ name, partitions }) => [name, partitions.length]));
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map(({ topic }) => ({ type: ConfigResourceTypes.TOPIC, name: topic })),
  });
  for (const wanted of existing) {
    const partitions = counts.get(wanted.topic);
    if (partitions !== wanted.partitions) {
      // Changing the number would move the later messages of a key to another partition.
      const fields = { topic: wanted.topic, partitions, wanted: wanted.partitions };
      logger.warn(fields, 'topic has another number of partitions than the table, left unchanged');
    }
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
