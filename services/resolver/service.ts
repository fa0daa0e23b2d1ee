import { authenticatorFromSettings } from '@waybill/auth';
import { createContactSource, createPermissions } from '@waybill/contacts';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { createErasureRecords, erasureRoutes } from '@waybill/erasure';
import type { EventConsumer, Kafka } from '@waybill/kafka';
import { ensureIndexes } from '@waybill/mongo';
import {
  createSweeper,
  startService,
  type RunningService,
  type ServiceContext,
  type Work,
} from '@waybill/service';
import type { ResolverConfig } from './config.ts';
import { openConnections, type Connections } from './connections.ts';
import { createEraser } from './eraser.ts';
import { createDeadLetterHandler, createHandler, type HandlerDeps, type RequestedTopic } from './handler.ts';
import { resolverIndexes } from './indexes.ts';
import { createResolverMetrics } from './metrics.ts';
import { collectionsOf, createResolutionStore } from './resolution-store.ts';
import type { Moment } from './resolve.ts';
import { sweepResolutions } from './sweeper.ts';

const lanes = {
  standard: { group: 'waybill.resolver', topic: 'export.requested' },
  bulk: { group: 'waybill.resolver.bulk', topic: 'export.requested.bulk' },
} as const;

/** Observes the steps of the service. Crash tests end the process there. */
export interface ResolverObserver {
  readonly reached?: (moment: Moment) => void;
}

/**
 * Starts the resolver. Requests answer 503 and nothing is consumed until the indexes exist.
 * @throws ExportError CONFIGURATION_INVALID if the port is in use
 */
export async function startResolver(
  config: ResolverConfig,
  context: ServiceContext,
  { reached = () => undefined }: ResolverObserver = {},
): Promise<RunningService> {
  const { logger, probes } = context;
  const connections = openConnections(config, context);
  const { store, kafka } = connections;
  const collections = collectionsOf(store);
  const deps: HandlerDeps = { ...depsOf(config, connections, context), reached };
  const consumers = config.LANES.map((lane) => createConsumer(kafka, lane, deps));
  probes.add('mongodb', () => store.ping());
  probes.add('kafka', () => kafka.ping());
  probes.add('consumers', () => requireAll(consumers));
  const router = erasureRoutes('/iag/v1/contacts/export/resolutions', {
    authenticator: authenticatorFromSettings(config, logger),
    erasureRecords: createErasureRecords(store.db),
    eraser: createEraser(collections),
  });
  const sweeper = sweeperOf(config, connections, context);
  return startService(
    {
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      operatorPort: config.OPERATOR_PORT,
      router,
      ensureIndexes: () => ensureIndexes(store.db, resolverIndexes),
      work: [...consumers.map(consumingWork), sweeper],
      close: () => connections.close(),
    },
    context,
  );
}

function depsOf(
  config: ResolverConfig,
  { store, crm, cancel, producer }: Connections,
  { metrics }: ServiceContext,
): Omit<HandlerDeps, 'reached'> {
  const keys = keyEncryptionFromSettings(config, metrics);
  const now = (): Date => new Date();
  return {
    store: createResolutionStore(collectionsOf(store), now),
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
    deadlineMs: config.JOB_DEADLINE_MS,
    metrics: createResolverMetrics(metrics),
    now,
  };
}

function createConsumer(kafka: Kafka, lane: keyof typeof lanes, deps: HandlerDeps): EventConsumer {
  const { group, topic } = lanes[lane];
  return kafka.createConsumer<RequestedTopic>({
    group,
    service: 'resolver',
    topics: [topic],
    handler: createHandler(deps),
    onDeadLetter: createDeadLetterHandler(deps),
  });
}

/** Starts a consumer without waiting for it to join its group: /readyz reports that. */
function consumingWork(consumer: EventConsumer): Work {
  return { start: () => void consumer.start(), stop: () => consumer.stop() };
}

function sweeperOf(
  config: ResolverConfig,
  { store }: Connections,
  { logger, metrics }: ServiceContext,
): Work {
  const deps = {
    collections: collectionsOf(store),
    recordTtlMs: config.RECORD_TTL_MS,
    selectionTtlMs: config.SELECTION_TTL_MS,
    dryRun: config.SWEEP_DRY_RUN,
    logger,
  };
  return createSweeper({
    sweep: (run) => sweepResolutions(deps, run),
    db: store.db,
    everyMs: config.SWEEP_EVERY_MS,
    metrics,
    logger,
    now: () => new Date(),
  });
}

function packingOf(config: ResolverConfig): HandlerDeps['packing'] {
  return {
    batchSize: {
      targetBytes: config.BATCH_TARGET_BYTES,
      maximumBytes: config.BATCH_MAXIMUM_BYTES,
      maximumPositions: 5_000,
    },
    // Contacts are read in halves of a batch: rows that are read and not yet produced fill the memory.
    readSize: { minimum: 100, maximum: 500, bytes: config.BATCH_TARGET_BYTES / 2 },
    concurrency: config.READ_CONCURRENCY,
  };
}

function requireAll(consumers: readonly EventConsumer[]): Promise<void> {
  if (consumers.every((consumer) => consumer.ready())) return Promise.resolve();
  return Promise.reject(new Error('A consumer has not joined its group.'));
}
