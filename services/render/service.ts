import { authenticatorFromSettings } from '@waybill/auth';
import { createPermissions } from '@waybill/contacts';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { erasureRoutes } from '@waybill/erasure';
import type { EventConsumer, Kafka } from '@waybill/kafka';
import { createOutbox, ensureIndexes, publishTo, relayOf, type Outbox } from '@waybill/mongo';
import { regionBuckets, type RegionBuckets } from '@waybill/object-storage';
import {
  keepTrying,
  repeat,
  serveHttp,
  type Repeating,
  type RunningService,
  type ServiceContext,
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
import { sweepFiles } from './sweeper.ts';

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

/** Starts render. Waits for servers that are down, with /readyz red. Consuming starts when the indexes exist. */
export async function startRender(
  config: RenderConfig,
  context: ServiceContext,
  { reached = () => undefined }: RenderObserver = {},
): Promise<RunningService> {
  const { logger, metrics, probes, signal } = context;
  const connections = openConnections(config, context);
  const { store, storage, kafka } = connections;
  const regions = regionBuckets(config.REGION_BUCKETS);
  const jobs = jobsOf(store);
  const outbox = outboxOf(jobs, config, { ...connections, logger });
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
  const repeated = [
    watchRepeatedly(config, running, deps),
    sweepRepeatedly(config, deps, { jobs, storage, buckets: regions.buckets }),
  ];
  return {
    port: http.port,
    async stop() {
      await Promise.all(repeated.map((work) => work.stop()));
      await Promise.all(running.map(({ consumer }) => consumer.stop()));
      // The processes that get the partitions start the open files again.
      await Promise.all(running.map(({ partitions }) => partitions.dropAll()));
      await outbox.stop();
      await http.stop();
      await connections.close();
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
    opener: createOpener(keyEncryptionFromSettings(config)),
    producer,
    fileTtlMs: config.FILE_TTL_MS,
    recordTtlMs: config.RECORD_TTL_MS,
    compressionLevel: config.XLSX_COMPRESSION_LEVEL,
    partBytes: config.UPLOAD_PART_BYTES,
    maximumRestarts: config.MAXIMUM_RESTARTS,
    progressEveryMs: config.PROGRESS_EVERY_MS,
    metrics: createRenderMetrics(metrics),
    logger,
    now: () => new Date(),
  };
}

function outboxOf(
  jobs: Collection<RenderJob>,
  config: RenderConfig,
  { producer, logger }: Pick<RenderDeps, 'producer' | 'logger'>,
): Outbox {
  return createOutbox({
    collection: jobs,
    publish: publishTo(producer),
    owner: `render-${randomUUID()}`,
    // Two sends of at most 5 s each, and a margin.
    leaseMs: 15_000,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    now: Date.now,
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
    onDeadLetter: createDeadLetterHandler(partitions, deps),
    retry: { kind: 'in-place', tries: 5, fromMs: 500, toMs: 30_000 },
  });
  return { partitions, consumer };
}

function watchRepeatedly(
  config: RenderConfig,
  running: readonly Lane[],
  { logger, now }: RenderDeps,
): Repeating {
  const limits = { stallMs: config.STALL_MS, idleMs: config.IDLE_MS };
  return repeat({
    everyMs: config.WATCH_EVERY_MS,
    logger,
    failure: 'idle jobs not watched',
    work: () => watchIdleJobs({ lanes: running, limits, heldBytes: config.HELD_BYTES, now }),
  });
}

function sweepRepeatedly(
  config: RenderConfig,
  { logger, metrics, now }: RenderDeps,
  swept: Pick<Parameters<typeof sweepFiles>[0], 'jobs' | 'storage' | 'buckets'>,
): Repeating {
  return repeat({
    everyMs: config.SWEEP_EVERY_MS,
    logger,
    failure: 'files not swept',
    work: () =>
      sweepFiles({
        ...swept,
        recordTtlMs: config.RECORD_TTL_MS,
        dryRun: config.SWEEP_DRY_RUN,
        logger,
        swept: metrics.swept,
        now,
      }),
  });
}

async function pingAll({ storage }: Connections, regions: RegionBuckets): Promise<void> {
  await Promise.all(regions.buckets.map((bucket) => storage.ping(bucket)));
}

function requireAll(running: readonly RunningLane[]): Promise<void> {
  if (running.every(({ consumer }) => consumer.ready())) return Promise.resolve();
  return Promise.reject(new Error('A consumer has not joined its group.'));
}
