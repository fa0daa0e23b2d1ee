import { keyEncryptionFromSettings } from '@waybill/crypto';
import { createErasureRecords } from '@waybill/erasure';
import { createStreamLimit, documentedRoutes } from '@waybill/http';
import type { EventConsumer } from '@waybill/kafka';
import { ensureIndexes } from '@waybill/mongo';
import { regionBuckets } from '@waybill/object-storage';
import {
  createSweeper,
  repeatedWork,
  startService,
  type RunningService,
  type ServiceContext,
  type Work,
} from '@waybill/service';
import { createAccept } from './admission/accept.ts';
import { createChecks } from './admission/checks.ts';
import { createExportFlag } from './admission/flag.ts';
import { createPreflight } from './admission/preflight.ts';
import { createQuota } from './admission/quota.ts';
import { createRateLimit } from './admission/rate-limit.ts';
import { createRetry } from './admission/retry.ts';
import type { IntakeConfig } from './config.ts';
import { connect, type Connections } from './connections.ts';
import { createHandler, type HandledTopic } from './handler.ts';
import { apiDocument } from './http/operations.ts';
import { createRoutes, type RouteDeps } from './http/routes.ts';
import { indexes } from './indexes.ts';
import { raiseCancelFlags } from './job/cancel.ts';
import { createEraser } from './job/eraser.ts';
import { createJobStore, sweepJobs, type JobStore } from './job/job-store.ts';
import { createReconciliation, type Reconciliation } from './job/reconciliation.ts';
import { createPersonalKeys } from './job/personal-keys.ts';
import { configurationOf } from './presets/preset.ts';
import { createPresetStore } from './presets/preset-store.ts';
import { exportStarted, limitExceeded } from './publishing/activity.ts';
import { createEventPublisher, type EventPublisher } from './publishing/event-publisher.ts';

/** What the wiring functions below share. */
interface Wiring {
  readonly config: IntakeConfig;
  readonly context: ServiceContext;
  readonly connections: Connections;
  readonly jobs: JobStore;
  readonly publisher: EventPublisher;
  readonly reconciliation: Reconciliation;
}

const now = () => new Date();

/**
 * Starts the service and returns when it listens. It connects to servers that are down in the background: until the
 * indexes exist it consumes nothing and answers requests with 503.
 * @throws ExportError `CONFIGURATION_INVALID` if the port is in use.
 */
export async function startIntake(config: IntakeConfig, context: ServiceContext): Promise<RunningService> {
  const connections = connect(config, context);
  const jobs = createJobStore(connections.store.db);
  const publisher = createEventPublisher({
    ...context,
    jobs,
    producer: connections.producer,
    leaseMs: config.RELAY_LEASE_MS,
    sweepEveryMs: config.RELAY_EVERY_MS,
    now,
  });
  const reconciliation = createReconciliation({
    ...context,
    jobs,
    publish: (jobId) => publisher.publish(jobId),
    rules: {
      afterMs: config.RECONCILE_AFTER_MS,
      longestPauseMs: config.RECONCILE_PAUSE_MAXIMUM_MS,
      maximumRepeats: config.RECONCILE_MAXIMUM_REPEATS,
    },
    now,
  });
  const wiring: Wiring = { config, context, connections, jobs, publisher, reconciliation };
  const consumer = createConsumer(wiring);
  addProbes(wiring, consumer);
  const stopping = new AbortController();
  const flag = await createExportFlag(`intake:${config.TOPIC_PREFIX}`, config.FLAG_CONTACT_EXPORT);
  const routes = createRoutes({
    ...connections,
    ...createUseCases(wiring),
    jobs,
    flag,
    now,
    countLimitMs: config.COUNT_LIMIT_MS,
    searchLimitMs: config.SEARCH_LIMIT_MS,
    defaultCap: config.DEFAULT_CAP,
    defaultTimezone: config.DEFAULT_TIMEZONE,
    publicUrl: config.PUBLIC_URL,
    pollMs: config.EVENTS_POLL_MS,
    heartbeatMs: config.EVENTS_HEARTBEAT_MS,
    streamLimit: createStreamLimit(config.STREAMS_PER_PERSON),
    stopping: stopping.signal,
    onChange: (job) => connections.notifications.notify(job._id),
  });
  return startService(
    {
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      operatorPort: config.OPERATOR_PORT,
      router: documentedRoutes(apiDocument(), routes),
      ensureIndexes: () => ensureIndexes(connections.store.db, indexes),
      work: [publisher, consumer, ...backgroundWork(wiring)],
      stopping,
      close: () => connections.close(),
    },
    context,
  );
}

/** Creates the functions that the routes call. */
function createUseCases({ config, context, connections, jobs, publisher }: Wiring) {
  const { contacts, flags, notifications, store } = connections;
  const { logger, metrics } = context;
  const presets = createPresetStore(store.db);
  const personalKeys = createPersonalKeys(store.db, keyEncryptionFromSettings(config, metrics));
  const heldBytes = jobs.heldBytes.bind(jobs);
  const rules = rateLimitRules(config);
  const rateLimit = (rule: keyof typeof rules) =>
    createRateLimit({ redis: connections.redis, rule: rules[rule], logger, metrics });
  const guards = {
    checks: createChecks({
      contacts,
      defaultTimezone: config.DEFAULT_TIMEZONE,
      defaultRegion: config.DEFAULT_REGION,
      defaultCap: config.DEFAULT_CAP,
      defaultQuotaBytes: config.DEFAULT_QUOTA_BYTES,
      countLimitMs: config.COUNT_LIMIT_MS,
      regions: regionBuckets(config.REGION_BUCKETS),
    }),
    quota: createQuota(heldBytes),
    rateLimit: rateLimit('export'),
  };
  return {
    presets,
    accept: createAccept({
      ...guards,
      jobs,
      personalKeys,
      lease: () => publisher.lease(),
      onLimitExceeded: (caller, total, cap) =>
        publisher.record(limitExceeded(caller, { total, cap, at: now().getTime() })),
      now,
    }),
    onAccepted: ({ job, request }, caller) => {
      publisher.publishNew(job);
      publisher.record(exportStarted(job));
      presets.saveLast(caller, configurationOf(request), job.accepted_at).catch((error: unknown) => {
        logger.warn({ error, job_id: job._id }, 'last configuration not saved');
      });
    },
    readLimit: rateLimit('read'),
    preflight: createPreflight({
      ...guards,
      contacts,
      searchLimitMs: config.SEARCH_LIMIT_MS,
      heldBytes,
      now,
    }),
    retry: createRetry({ ...guards, jobs, now }),
    onRetried: (jobId) => {
      notifications.notify(jobId);
      publisher.publish(jobId);
    },
    erasureRecords: createErasureRecords(store.db),
    eraser: createEraser({
      db: store.db,
      jobs,
      personalKeys,
      flags,
      onChange: (jobId) => notifications.notify(jobId),
      logger,
    }),
  } satisfies Partial<RouteDeps>;
}

function rateLimitRules(config: IntakeConfig) {
  return {
    /** Accepted exports of a company. */
    export: {
      name: `${config.TOPIC_PREFIX}export`,
      points: config.RATE_LIMIT_POINTS,
      windowMs: config.RATE_LIMIT_WINDOW_MS,
      code: 'EXPORT_RATE_LIMITED',
    },
    /** Searches and preflights of a person. */
    read: {
      name: `${config.TOPIC_PREFIX}read`,
      points: config.READ_RATE_LIMIT_POINTS,
      windowMs: config.READ_RATE_LIMIT_WINDOW_MS,
      code: 'READ_RATE_LIMITED',
    },
  } as const;
}

function createConsumer({ connections, jobs, reconciliation }: Wiring): EventConsumer {
  const { kafka, notifications } = connections;
  const handler = createHandler({
    jobs,
    onBatchesLost: (job) => reconciliation.onBatchesLost(job),
    onChange: (job) => notifications.notify(job._id),
  });
  return kafka.createConsumer<HandledTopic>({
    group: 'waybill.intake',
    service: 'intake',
    topics: ['export.progress', 'export.completed'],
    handler,
    redriven: true,
  });
}

/** Returns the work that runs periodically and once at the start. */
function backgroundWork({ config, context, connections, jobs, reconciliation }: Wiring): readonly Work[] {
  const { logger, metrics } = context;
  return [
    repeatedWork({
      everyMs: config.CANCEL_EVERY_MS,
      atOnce: true,
      logger,
      failure: 'cancel flags not raised',
      work: () => raiseCancelFlags({ jobs, flags: connections.flags, logger }),
    }),
    repeatedWork({
      everyMs: config.RECONCILE_EVERY_MS,
      atOnce: true,
      logger,
      failure: 'jobs without an end not reconciled',
      work: () => reconciliation.run(),
    }),
    createSweeper({
      sweep: (run) => sweepJobs({ jobs, logger }, run),
      db: connections.store.db,
      everyMs: config.SWEEP_EVERY_MS,
      metrics,
      logger,
      now,
    }),
  ];
}

/**
 * Adds the checks of /readyz. MongoDB must answer each time, because nothing is accepted without it. Kafka and Redis must
 * have answered once, which shows that their settings are right. After that the service accepts exports without them, and
 * a red /readyz would only make the load balancer reject requests that could be accepted.
 */
function addProbes({ context, connections }: Wiring, consumer: EventConsumer): void {
  const { probes } = context;
  probes.add('mongodb', () => connections.store.ping());
  probes.add(
    'kafka',
    requireOnce('kafka', () => consumer.ready()),
  );
  probes.add(
    'redis',
    requireOnce('redis', () => connections.redis.status === 'ready'),
  );
}

/** Returns a check that fails until the condition was true once. */
function requireOnce(server: string, isReady: () => boolean): () => Promise<void> {
  let wasReady = false;
  return () => {
    wasReady ||= isReady();
    return wasReady ? Promise.resolve() : Promise.reject(new Error(`The server ${server} has not answered.`));
  };
}
