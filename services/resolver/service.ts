import { authenticatorFromSettings } from '@waybill/auth';
import { createCancelFlags } from '@waybill/redis';
import { createContactSource, createPermissions } from '@waybill/contacts';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { erasureRoutes } from '@waybill/erasure';
import { createKafka, inPlaceRetry, type EventConsumer, type Kafka } from '@waybill/kafka';
import { keepTrying, repeat, serveHttp, type RunningService, type ServiceContext } from '@waybill/service';
import { ensureIndexes, openStore } from '@waybill/mongo';
import type { ResolverConfig } from './config.ts';
import { createEraser } from './eraser.ts';
import { createDeadLetterHandler, createHandler, type HandlerParts, type RequestedTopic } from './handler.ts';
import { resolverIndexes } from './indexes.ts';
import { createResolverMetrics } from './metrics.ts';
import type { Moment } from './resolve.ts';
import { collectionsOf, createResolutionStore } from './resolution-store.ts';
import { sweepResolutions } from './sweeper.ts';

const lanes = {
  standard: { group: 'waybill.resolver', topic: 'export.requested' },
  bulk: { group: 'waybill.resolver.bulk', topic: 'export.requested.bulk' },
} as const;

/** Sees what the service reaches; crash tests end the process there. */
export interface ResolverObserver {
  readonly reached?: (moment: Moment) => void;
}

/** Wires the resolver and starts it; a server that is down is waited for with /readyz red. */
export async function startResolver(
  config: ResolverConfig,
  { logger, metrics, probes, signal }: ServiceContext,
  { reached = () => undefined }: ResolverObserver = {},
): Promise<RunningService> {
  const store = openStore({ url: config.MONGODB_URL, database: config.MONGODB_DATABASE, logger });
  const crm = openStore({ url: config.MONGODB_URL, database: config.MONGODB_CRM_DATABASE, logger });
  const cancel = createCancelFlags({ url: config.REDIS_URL, logger });
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    clientId: 'resolver',
    registryUrl: config.SCHEMA_REGISTRY_URL,
    prefix: config.TOPIC_PREFIX,
    logger,
    metrics,
    tuning: { sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT_MS },
  });
  const producer = kafka.createProducer();
  const keys = keyEncryptionFromSettings(config);
  const collections = collectionsOf(store);
  const now = (): Date => new Date();
  const parts: HandlerParts = {
    store: createResolutionStore(collections, now),
    contacts: createContactSource(crm.db),
    permissions: createPermissions(crm.db),
    cancel,
    producer,
    keys,
    opener: createOpener(keys),
    packing: packingOf(config),
    pageIds: config.FREEZE_PAGE_IDS,
    maximumBatchBytes: config.MESSAGE_MAXIMUM_BYTES,
    recordTtlMs: config.RECORD_TTL_MS,
    metrics: createResolverMetrics(metrics),
    now,
    reached,
  };
  const consumers = config.LANES.map((lane) => createConsumer(kafka, lane, parts));
  probes.add('mongodb', () => store.ping());
  probes.add('kafka', () => kafka.ping());
  probes.add('consumers', () => requireAll(consumers));
  const { HTTP_HOST: host, HTTP_PORT: port } = config;
  const router = erasureRoutes('/iag/v1/contacts/export/resolutions', {
    authenticator: authenticatorFromSettings(config, logger),
    eraser: createEraser(collections),
    now: Date.now,
  });
  const http = await serveHttp({ host, port, router, probes, metrics, logger });
  await keepTrying('mongodb', () => ensureIndexes(store.db, resolverIndexes), { signal, logger });
  for (const consumer of consumers) void consumer.start();
  const sweeping = repeat({
    everyMs: config.SWEEP_EVERY_MS,
    logger,
    failure: 'resolutions not swept',
    work: () =>
      sweepResolutions({
        collections,
        recordTtlMs: config.RECORD_TTL_MS,
        selectionTtlMs: config.SELECTION_TTL_MS,
        dryRun: config.SWEEP_DRY_RUN,
        logger,
        swept: parts.metrics.swept,
        now,
      }),
  });
  return {
    port: http.port,
    async stop() {
      await sweeping.stop();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await producer.stop();
      await kafka.close();
      cancel.close();
      await http.stop();
      await Promise.all([store.close(), crm.close()]);
    },
  };
}

function createConsumer(kafka: Kafka, lane: keyof typeof lanes, parts: HandlerParts): EventConsumer {
  const { group, topic } = lanes[lane];
  return kafka.createConsumer<RequestedTopic>({
    group,
    service: 'resolver',
    topics: [topic],
    handler: createHandler(parts),
    onDeadLetter: createDeadLetterHandler(parts),
    retry: inPlaceRetry,
  });
}

function packingOf(config: ResolverConfig): HandlerParts['packing'] {
  return {
    batchSize: {
      targetBytes: config.BATCH_TARGET_BYTES,
      maximumBytes: config.BATCH_MAXIMUM_BYTES,
      maximumPositions: 5_000,
    },
    // Contacts are read in halves of a batch: what is read and not yet produced is what fills the memory.
    readSize: { minimum: 100, maximum: 500, bytes: config.BATCH_TARGET_BYTES / 2 },
    concurrency: config.READ_CONCURRENCY,
  };
}

function requireAll(consumers: readonly EventConsumer[]): Promise<void> {
  if (consumers.every((consumer) => consumer.ready())) return Promise.resolve();
  return Promise.reject(new Error('A consumer has not joined its group.'));
}
