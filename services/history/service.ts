import { hostname } from 'node:os';
import { createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { createErasureRecords, createTombstones } from '@waybill/erasure';
import { documentedRoutes } from '@waybill/http';
import type { EventConsumer, Kafka } from '@waybill/kafka';
import { createOutbox, ensureIndexes, publishTo, relayOf, type Outbox } from '@waybill/mongo';
import { regionBuckets } from '@waybill/object-storage';
import type { Logger, Metrics } from '@waybill/observability';
import { downloadUrl } from '@waybill/domain';
import { createSweeper, startService, type RunningService, type ServiceContext } from '@waybill/service';
import type { HistoryConfig } from './config.ts';
import { connect, type Connections } from './connections.ts';
import { createAuditStore } from './downloads/audit-store.ts';
import { createEntryStore } from './entries/entry-store.ts';
import { createEraser } from './eraser.ts';
import { createHandler, type HandlerDeps } from './handler.ts';
import { historyDocument } from './http/document.ts';
import { collectionsOf, indexes, type Collections } from './indexes.ts';
import { historyRoutes, type RouteDeps } from './http/routes.ts';
import { createRegistrationStore } from './registration/registration-store.ts';
import { createRegistration } from './registration/registration.ts';
import { sweep } from './sweeper.ts';

/** Wires the service and starts it. Returns when it listens; servers that are down are connected to in the background. */
export async function startHistory(config: HistoryConfig, context: ServiceContext): Promise<RunningService> {
  const { logger, probes } = context;
  const connections = connect(config, context);
  const { store, kafka } = connections;
  const collections = collectionsOf(store);
  const outboxes = createOutboxes(collections, connections, { config, ...context });
  const deps = buildDeps(config, connections, { ...context, collections, outboxes });
  const consumer = createConsumer(kafka, deps);
  probes.add('mongodb', () => store.ping());
  probes.add('kafka', () => (consumer.ready() ? kafka.ping() : notJoined()));
  const stopping = new AbortController();
  const sweeper = createSweeper({
    sweep: (run) => sweep({ ...deps, logger }, run),
    db: store.db,
    everyMs: config.SWEEP_EVERY_MS,
    metrics: context.metrics,
    logger,
    now: deps.now,
  });
  return startService(
    {
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      operatorPort: config.OPERATOR_PORT,
      router: documentedRoutes(historyDocument(), historyRoutes(deps)),
      ensureIndexes: () => ensureIndexes(store.db, indexes),
      work: [outboxes.registrations, outboxes.downloads, consumer, sweeper],
      close: () => connections.close(),
      stopping,
    },
    context,
  );
}

/** Two collections carry product events: registrations, and downloads. */
interface Outboxes {
  readonly registrations: Outbox;
  readonly downloads: Outbox;
}

/** Longer than the send of one event can take. */
const leaseMs = 30_000;

function createOutboxes(
  collections: Collections,
  { producer }: Connections,
  {
    config,
    logger,
    metrics,
  }: Pick<ServiceContext, 'logger' | 'metrics'> & { readonly config: HistoryConfig },
): Outboxes {
  const common = {
    publish: publishTo(producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs,
    everyMs: config.OUTBOX_EVERY_MS,
    logger,
    metrics,
    now: () => new Date(),
  };
  return {
    registrations: createOutbox({ ...common, collection: collections.registrations }),
    downloads: createOutbox({ ...common, collection: collections.downloads }),
  };
}

interface Storing {
  readonly collections: Collections;
  readonly outboxes: Outboxes;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Wires the dependencies of handler, routes and sweeper; starts nothing. */
function buildDeps(
  config: HistoryConfig,
  connections: Connections,
  { collections, outboxes, logger, metrics }: Storing,
): HandlerDeps & RouteDeps {
  const now = () => new Date();
  const entries = createEntryStore(collections.entries);
  const registrations = createRegistrationStore(collections.registrations);
  const erasures = createTombstones(collections.erasures);
  const keys = keyEncryptionFromSettings(config, metrics);
  const downloadUrlOf = (jobId: string) => downloadUrl(config.PUBLIC_URL, jobId);
  return {
    authenticator: connections.authenticator,
    permissions: connections.permissions,
    storage: connections.storage,
    entries,
    registrations,
    erasures,
    audit: createAuditStore(collections.downloads),
    keys,
    logger,
    opener: createOpener(keys),
    relay: relayOf(outboxes.downloads, logger),
    registration: createRegistration({
      registrations,
      entries,
      contacts: connections.contacts,
      registrar: connections.registrar,
      relay: relayOf(outboxes.registrations, logger),
      downloadUrl: downloadUrlOf,
      againAfterMs: config.REGISTER_AGAIN_AFTER_MS,
      logger,
      now,
    }),
    erasureRecords: createErasureRecords(connections.store.db),
    eraser: createEraser({
      collections,
      erasures,
      storage: connections.storage,
      buckets: regionBuckets(config.REGION_BUCKETS).buckets,
      installation: config.INSTALLATION_ID,
    }),
    downloadUrl: downloadUrlOf,
    publicUrl: config.PUBLIC_URL,
    signInUrl: config.SIGN_IN_URL,
    sessionCookie: config.SESSION_COOKIE,
    trustForwardedFor: config.TRUST_FORWARDED_FOR,
    now,
  };
}

function createConsumer(kafka: Kafka, deps: HandlerDeps): EventConsumer {
  return kafka.createConsumer({
    group: 'waybill.history',
    service: 'history',
    topics: ['export.completed'],
    handler: createHandler(deps),
    redriven: true,
  });
}

function notJoined(): Promise<void> {
  return Promise.reject(new Error('The consumer has not joined its group.'));
}
