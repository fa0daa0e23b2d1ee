import type { Logger } from '@waybill/observability';
import kafkajs, { type Admin } from 'kafkajs';
import { untilDone } from './backoff.ts';
import type { BrokerAdmin } from './broker-admin.ts';
import type { BrokerTopic } from './topic-settings.ts';

// These two are not among the names that Node finds in this CommonJS package.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

/** Creating some twenty topics took 0.4 s on one broker; a cluster with replicas is slower. */
const limitMs = 30_000;

/** Creates what is missing and gives what exists the settings of the table. Repeating it changes nothing. */
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
      logger.info({ created: missing.length, existing: existing.length }, 'topics are there');
    },
    limitMs,
  );
}

/** Another service may create the same topics at the same time: that is success. */
async function create(admin: Admin, missing: readonly BrokerTopic[], late: AbortSignal): Promise<void> {
  await admin.createTopics({
    // kafkajs' own wait gives up where a broker has not heard of the new topic yet, which is the case at first.
    waitForLeaders: false,
    topics: missing.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      // -1: as many as the brokers' default.replication.factor says.
      replicationFactor: -1,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    })),
  });
  // A partition takes messages when its leader knows that it is one, some 100 ms after the metadata says so.
  const led = () => Promise.all(missing.map(({ topic }) => admin.fetchTopicOffsets(topic)));
  await untilDone(led, { backoffFromMs: 20, backoffToMs: 500 }, late, () => undefined);
}

async function align(admin: Admin, existing: readonly BrokerTopic[], logger: Logger): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: existing.map(({ topic }) => topic) });
  const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: existing.map(({ topic }) => ({ type: ConfigResourceTypes.TOPIC, name: topic })),
  });
  for (const wanted of existing) {
    const partitions = counts.get(wanted.topic);
    if (partitions !== wanted.partitions) {
      // More partitions would send the later messages of a key elsewhere than its earlier ones.
      const fields = { topic: wanted.topic, partitions, wanted: wanted.partitions };
      logger.warn(fields, 'a topic has another number of partitions than the table; it is left as it is');
    }
    const entries = resources.find(({ resourceName }) => resourceName === wanted.topic)?.configEntries ?? [];
    const set = new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    if (Object.entries(wanted.config).every(([name, value]) => set.get(name) === value)) continue;
    // The request replaces all of a topic's own settings, so those of an operator are sent along.
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
    logger.info({ topic: wanted.topic }, 'a topic was given the settings of the table');
  }
}
