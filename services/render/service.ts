import { authenticatorFromSettings } from '@waybill/auth';
import { createPermissions } from '@waybill/contacts';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { createErasureRecords, erasureRoutes } from '@waybill/erasure';
import type { EventConsumer, Kafka } from '@waybill/kafka';
import { createOutbox, ensureIndexes, publishTo, relayOf, type Outbox } from '@waybill/mongo';
import { regionBuckets, type RegionBuckets } from '@waybill/object-storage';
import {
  createSweeper,
  repeatedWork,
  startService,
  type RunningService,
  type ServiceContext,
  type Work,
} from '@waybill/service';
import type { Collection } from 'mongodb';
import { randomUUID } from 'node:crypto';
import type { RenderConfig } from './config.ts';
import { openConnections, type Connections } from './connections.ts';
import type { Moment, RenderDeps } from './deps.ts';
import { createEraser } from './eraser.ts';
import { createDeadLetterHandler, createHandler } from './handler.ts';
import { renderIndexes } from './indexes.ts';
import type { RenderJob } from './job/job.ts';
import { createJobStore, jobsOf } from './job/job-store.ts';
import { createRenderMetrics } from './metrics.ts';
import { watchIdleJobs, type Lane } from './partition/idle-jobs.ts';
import type { BatchTopic } from './partition/partition-state.ts';
import { Partitions } from './partition/partitions.ts';
import { createFileSweep } from './sweeper.ts';

const lanes = {
  standard: { group: 'waybill.render', topic: 'export.batches' },
  bulk: { group: 'waybill.render.bulk', topic: 'export.batches.bulk' },
} as const;

/** Observes the steps of the service. Crash tests end the process there. */
export interface RenderObserver {
  readonly reached?: (moment: Moment) => void;
}

interface RunningLane extends Lane {
  readonly consumer: EventConsumer;
}

/**
 * Starts render. Requests answer 503 and nothing is consumed until the indexes exist.
 * @throws ExportError CONFIGURATION_INVALID if the port is in use
 */
export async function startRender(
  config: RenderConfig,
  context: ServiceContext,
  { reached = () => undefined }: RenderObserver = {},
): Promise<RunningService> {
  const { logger, probes } = context;
  const connections = openConnections(config, context);
  const { store, storage, kafka } = connections;
  const regions = regionBuckets(config.REGION_BUCKETS);
  const jobs = jobsOf(store);
  const outbox = outboxOf(jobs, config, { ...connections, ...context });
  const deps: RenderDeps = {
    ...depsOf(config, connections, context),
    store: createJobStore(jobs),
    relay: relayOf(outbox, logger),
    bucketOf: (region) => regions.bucketOf(region),
    reached,
  };
  const running = config.LANES.map((lane) => createLane(kafka, lane, deps));
  probes.add('mongodb', () => store.ping());
  probes.add('kafka', () => kafka.ping());
  probes.add('storage', () => pingAll(connections, regions));
  probes.add('consumers', () => requireAll(running));
  const router = erasureRoutes('/iag/v1/contacts/export/files', {
    authenticator: authenticatorFromSettings(config, logger),
    erasureRecords: createErasureRecords(store.db),
    eraser: createEraser({ jobs, storage, buckets: regions.buckets, installation: config.INSTALLATION_ID }),
  });
  const watching = watchRepeatedly(config, running, deps);
  const sweeper = sweeperOf(config, connections, context);
  return startService(
    {
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      operatorPort: config.OPERATOR_PORT,
      router,
      ensureIndexes: () => ensureIndexes(store.db, renderIndexes),
      work: [renderingWork(running, watching, outbox), sweeper],
      close: () => connections.close(),
    },
    context,
  );
}

/** Returns the rendering of the service, stopped in order: no new work, no new messages, no open files, no new events. */
function renderingWork(running: readonly RunningLane[], watching: Work, outbox: Outbox): Work {
  return {
    start() {
      for (const { consumer } of running) void consumer.start();
      outbox.start();
      watching.start();
    },
    async stop() {
      await watching.stop();
      await Promise.all(running.map(({ consumer }) => consumer.stop()));
      // The processes that get the partitions start the open files again.
      await Promise.all(running.map(({ partitions }) => partitions.dropAll()));
      await outbox.stop();
    },
  };
}

function depsOf(
  config: RenderConfig,
  { crm, storage, cancel, producer }: Connections,
  { logger, metrics }: ServiceContext,
): Omit<RenderDeps, 'store' | 'relay' | 'bucketOf' | 'reached'> {
  return {
    storage,
    permissions: createPermissions(crm.db),
    cancel,
    opener: createOpener(keyEncryptionFromSettings(config, metrics)),
    producer,
    installation: config.INSTALLATION_ID,
    fileTtlMs: config.FILE_TTL_MS,
    recordTtlMs: config.RECORD_TTL_MS,
    compressionLevel: config.XLSX_COMPRESSION_LEVEL,
    omitReferences: config.XLSX_OMIT_REFERENCES,
    deadlineMs: config.JOB_DEADLINE_MS,
    progressEveryMs: config.PROGRESS_EVERY_MS,
    metrics: createRenderMetrics(metrics),
    logger,
    now: () => new Date(),
  };
}

function outboxOf(
  jobs: Collection<RenderJob>,
  config: RenderConfig,
  { producer, logger, metrics }: Pick<Connections, 'producer'> & ServiceContext,
): Outbox {
  return createOutbox({
    collection: jobs,
    publish: publishTo(producer),
    owner: `render-${randomUUID()}`,
    // Two sends of at most 5 s each, and a margin.
    leaseMs: 15_000,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    metrics,
    now: () => new Date(),
  });
}

function createLane(kafka: Kafka, lane: keyof typeof lanes, deps: RenderDeps): RunningLane {
  const { group, topic } = lanes[lane];
  const partitions = new Partitions(deps);
  const consumer = kafka.createConsumer<BatchTopic>({
    group,
    service: 'render',
    topics: [topic],
    handler: createHandler(partitions),
    onAssigned: (assigned) => partitions.onAssigned(assigned),
    onRevoked: (revoked) => partitions.onRevoked(revoked),
    onDeadLetter: createDeadLetterHandler(partitions, deps),
  });
  return { partitions, consumer };
}

function watchRepeatedly(config: RenderConfig, running: readonly Lane[], { logger, now }: RenderDeps): Work {
  const limits = { stallMs: config.STALL_MS, idleMs: config.IDLE_MS };
  return repeatedWork({
    everyMs: config.WATCH_EVERY_MS,
    logger,
    failure: 'idle jobs not watched',
    work: () => watchIdleJobs({ lanes: running, limits, heldBytes: config.HELD_BYTES, now }),
  });
}

/** Sweeps on its own: a sweep that hangs must not delay the consumers' leaving of their groups. */
function sweeperOf(
  config: RenderConfig,
  { store, storage }: Connections,
  { logger, metrics }: ServiceContext,
): Work {
  return createSweeper({
    sweep: createFileSweep({
      jobs: jobsOf(store),
      storage,
      buckets: regionBuckets(config.REGION_BUCKETS).buckets,
      installation: config.INSTALLATION_ID,
      recordTtlMs: config.RECORD_TTL_MS,
      maximumUnknownPercent: config.SWEEP_MAXIMUM_UNKNOWN_PERCENT,
      dryRun: config.SWEEP_DRY_RUN,
      logger,
    }),
    db: store.db,
    everyMs: config.SWEEP_EVERY_MS,
    metrics,
    logger,
    now: () => new Date(),
  });
}

async function pingAll({ storage }: Connections, regions: RegionBuckets): Promise<void> {
  await Promise.all(regions.buckets.map((bucket) => storage.ping(bucket)));
}

function requireAll(running: readonly RunningLane[]): Promise<void> {
  if (running.every(({ consumer }) => consumer.ready())) return Promise.resolve();
  return Promise.reject(new Error('A consumer has not joined its group.'));
}
