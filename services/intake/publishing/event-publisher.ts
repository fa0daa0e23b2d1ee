import { hostname } from 'node:os';
import type { ServiceContext } from '@waybill/service';
import { createOutbox, publishTo, type OutboxLease } from '@waybill/mongo';
import type { JobId } from '@waybill/domain';
import { createActivityLog, type Activity } from './activity.ts';
import type { IntakeConfig } from '../config.ts';
import type { Connections } from '../connections.ts';
import { createRelay } from './relay.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';

export interface OutletParts {
  readonly jobs: JobStore;
  readonly links: Pick<Connections, 'producer'>;
  readonly config: Pick<IntakeConfig, 'RELAY_EVERY_MS' | 'RELAY_LEASE_MS'>;
  readonly now: () => number;
}

/** Everything that leaves for Kafka: a job's events, which are kept until they are there, and product events. */
export interface Outlet {
  /** With it a job is written whose events `relayWritten` then publishes. */
  lease(): OutboxLease;
  relayWritten(job: JobDocument): void;
  /** Publishes what lies in the job's outbox; what Kafka does not take now, the sweeper publishes later. */
  relay(jobId: JobId): void;
  record(activity: Activity): void;
  start(): void;
  /** Resolves when what is on its way has arrived or was given up. */
  stop(): Promise<void>;
}

export function createOutlet(
  { jobs, links, config, now }: OutletParts,
  { logger, metrics }: ServiceContext,
): Outlet {
  const outbox = createOutbox({
    collection: jobs.collection,
    publish: publishTo(links.producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs: config.RELAY_LEASE_MS,
    everyMs: config.RELAY_EVERY_MS,
    logger,
    now,
  });
  const relay = createRelay({ logger });
  const activity = createActivityLog({ producer: links.producer, logger, metrics, now });
  return {
    lease: () => outbox.lease(),
    relayWritten: (job) => relay.begin(job._id, () => outbox.relayWritten(job)),
    relay: (jobId) => relay.begin(jobId, () => outbox.relay(jobId)),
    record: (event) => activity.record(event),
    start: () => outbox.start(),
    async stop() {
      await Promise.all([relay.drain(), activity.drain(), outbox.stop()]);
      await links.producer.stop();
    },
  };
}
