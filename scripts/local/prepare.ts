import { defineSettings, loadSettings, topicSettings } from '@waybill/config';
import { createKafka } from '@waybill/kafka';
import { createMetrics, type Logger } from '@waybill/observability';
import { registerSchemas } from '@waybill/schemas';
import { createStorage } from '@waybill/object-storage';
import { bucketOf, regions, type InstallationSettings } from './settings.ts';

/** Creates topics, schemas and buckets, which a deployment does before it starts services. Can be repeated. */
export async function prepareServers(settings: InstallationSettings, logger: Logger): Promise<void> {
  const { addresses, prefix } = settings;
  await Promise.all([
    createTopics(settings, logger),
    registerSchemas({ registryUrl: addresses.registry.url, prefix }),
    createBuckets(settings, logger),
  ]);
}

/** The broker of a local installation is small. */
const fewPartitions = { JOB_PARTITIONS: '6' };

async function createTopics(settings: InstallationSettings, logger: Logger): Promise<void> {
  const kafka = createKafka({
    brokers: settings.addresses.kafka.brokers,
    clientId: 'waybill-deploy',
    registryUrl: settings.addresses.registry.url,
    prefix: settings.prefix,
    logger,
    metrics: createMetrics('deploy'),
  });
  try {
    const wanted = loadSettings(defineSettings(topicSettings), { ...fewPartitions, ...process.env });
    await kafka.ensureTopics({
      jobPartitions: wanted.JOB_PARTITIONS,
      replicationFactor: wanted.TOPIC_REPLICATION_FACTOR,
      minInsyncReplicas: wanted.TOPIC_MIN_INSYNC_REPLICAS,
    });
  } finally {
    await kafka.close();
  }
}

async function createBuckets(settings: InstallationSettings, logger: Logger): Promise<void> {
  const storage = createStorage({ ...settings.addresses.s3, logger });
  for (const region of regions) await storage.ensureBucket(bucketOf(region, settings.prefix));
}
