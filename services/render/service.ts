import { authenticatorFromSettings } from '@waybill/auth';
import { createCancelFlags } from '@waybill/redis';
import { createPermissions } from '@waybill/contacts';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { erasureRoutes } from '@waybill/erasure';
import { createKafka, inPlaceRetry, type EventProducer, type Kafka } from '@waybill/kafka';
import type { Logger } from '@waybill/observability';
import { keepTrying, serveHttp, type RunningService, type ServiceContext } from '@waybill/service';
import { createStorage, regionBuckets, type RegionBuckets, type Storage } from '@waybill/object-storage';
import { createOutbox, ensureIndexes, openStore, publishTo, type Outbox } from '@waybill/mongo';
import type { Collection } from 'mongodb';
import { randomUUID } from 'node:crypto';
import { startBackground, type Lane } from './background.ts';
import { createAssignedHandler, dropTrack } from './partition/partitions.ts';
import type { RenderConfig } from './config.ts';
import { createEraser } from './eraser.ts';
import { createDeadLetterHandler, createHandler } from './handler.ts';
import { renderIndexes } from './indexes.ts';
import type { RenderJob } from './job/job.ts';
import { createRenderMetrics } from './metrics.ts';
import type { Moment, RenderParts } from './deps.ts';
import { createRenderStore, jobsOf } from './job/job-store.ts';
import { createTracks, type BatchTopic } from './partition/partition-state.ts';

const lanes = {
  standard: { group: 'waybill.render', topic: 'export.batches' },
  bulk: { group: 'waybill.render.bulk', topic: 'export.batches.bulk' },
} as const;

/** Sees what the service reaches; crash tests end the process there. */
export interface RenderObserver {
  readonly reached?: (moment: Moment) => void;
}

/** Wires render and starts it; a server that is down is waited for with /readyz red. */
export async function startRender(
  config: RenderConfig,
  { logger, metrics, probes, signal }: ServiceContext,
  { reached = () => undefined }: RenderObserver = {},
): Promise<RunningService> {
  const store = openStore({ url: config.MONGODB_URL, database: config.MONGODB_DATABASE, logger });
  const crm = openStore({ url: config.MONGODB_URL, database: config.MONGODB_CRM_DATABASE, logger });
  const storage = storageOf(config, logger);
  const regions = regionBuckets(config.REGION_BUCKETS);
  const cancel = createCancelFlags({ url: config.REDIS_URL, logger });
  const kafka = kafkaOf(config, { logger, metrics });
  const producer = kafka.createProducer();
  const jobs = jobsOf(store);
  const outbox = outboxOf(jobs, producer, config, logger);
  const parts: RenderParts = {
    store: createRenderStore(jobs),
    storage,
    permissions: createPermissions(crm.db),
    cancel,
    opener: createOpener(keyEncryptionFromSettings(config)),
    producer,
    relay: relayOf(outbox, logger),
    bucketOf: (region) => regions.bucketOf(region),
    fileTtlMs: config.FILE_TTL_MS,
    recordTtlMs: config.RECORD_TTL_MS,
    compressionLevel: config.XLSX_COMPRESSION_LEVEL,
    partBytes: config.UPLOAD_PART_BYTES,
    maximumRestarts: config.MAXIMUM_RESTARTS,
    progressEveryMs: config.PROGRESS_EVERY_MS,
    metrics: createRenderMetrics(metrics),
    logger,
    now: Date.now,
    reached,
  };
  const running = config.LANES.map((lane) => createLane(kafka, lane, parts));
  probes.add('mongodb', () => store.ping());
  probes.add('kafka', () => kafka.ping());
  probes.add('storage', () => pingAll(storage, regions));
  probes.add('consumers', () => requireAll(running));
  const { HTTP_HOST: host, HTTP_PORT: port } = config;
  const router = erasureRoutes('/iag/v1/contacts/export/files', {
    authenticator: authenticatorFromSettings(config, logger),
    eraser: createEraser({ jobs, storage, buckets: regions.buckets }),
    now: Date.now,
  });
  const http = await serveHttp({ host, port, router, probes, metrics, logger });
  await keepTrying('mongodb', () => ensureIndexes(store.db, renderIndexes), { signal, logger });
  for (const { consumer } of running) void consumer.start();
  outbox.start();
  const background = startBackground({ config, parts, jobs, storage, regions, lanes: running });
  return {
    port: http.port,
    async stop() {
      await Promise.all(background.map((work) => work.stop()));
      await Promise.all(running.map(({ consumer }) => consumer.stop()));
      // What is still open is begun anew by whoever gets the partition: storage keeps no part of it.
      await Promise.all(
        running.flatMap(({ tracks }) => tracks.all().map((track) => dropTrack(tracks, track))),
      );
      await outbox.stop();
      await producer.stop();
      await kafka.close();
      cancel.close();
      storage.close();
      await http.stop();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}

function storageOf(config: RenderConfig, logger: Logger): Storage {
  return createStorage({
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY_ID,
    secretAccessKey: config.S3_SECRET_ACCESS_KEY,
    partBytes: config.UPLOAD_PART_BYTES,
    logger,
  });
}

function kafkaOf(
  config: RenderConfig,
  { logger, metrics }: Pick<ServiceContext, 'logger' | 'metrics'>,
): Kafka {
  return createKafka({
    brokers: config.KAFKA_BROKERS,
    clientId: 'render',
    registryUrl: config.SCHEMA_REGISTRY_URL,
    prefix: config.TOPIC_PREFIX,
    logger,
    metrics,
    tuning: { sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS },
  });
}

function outboxOf(
  jobs: Collection<RenderJob>,
  producer: EventProducer,
  config: RenderConfig,
  logger: Logger,
): Outbox {
  return createOutbox({
    collection: jobs,
    publish: publishTo(producer),
    owner: `render-${randomUUID()}`,
    // Two sends of at most 5 s each, and some.
    leaseMs: 15_000,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    now: Date.now,
  });
}

/** A relay that fails is no fault of the job: the events are in its document, and the sweep publishes them. */
function relayOf(outbox: Outbox, logger: Logger): RenderParts['relay'] {
  return async (jobId) => {
    try {
      return await outbox.relay(jobId);
    } catch (error) {
      logger.warn({ error, job_id: jobId }, 'events of a job wait for the sweep');
      return false;
    }
  };
}

function createLane(kafka: Kafka, lane: keyof typeof lanes, parts: RenderParts): Lane {
  const { group, topic } = lanes[lane];
  const tracks = createTracks(parts.now);
  const consumer = kafka.createConsumer<BatchTopic>({
    group,
    service: 'render',
    topics: [topic],
    handler: createHandler(tracks, parts),
    onAssigned: createAssignedHandler(tracks, parts),
    onDeadLetter: createDeadLetterHandler(tracks, parts),
    retry: inPlaceRetry,
  });
  return { tracks, consumer };
}

async function pingAll(storage: Storage, regions: RegionBuckets): Promise<void> {
  await Promise.all(regions.buckets.map((bucket) => storage.ping(bucket)));
}

function requireAll(running: readonly Lane[]): Promise<void> {
  if (running.every(({ consumer }) => consumer.ready())) return Promise.resolve();
  return Promise.reject(new Error('A consumer has not joined its group.'));
}
