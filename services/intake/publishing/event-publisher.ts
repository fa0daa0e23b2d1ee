import { hostname } from 'node:os';
import type { ActivityFacts, EventProducer } from '@waybill/kafka';
import { createBackgroundRelay, createOutbox, publishTo, type OutboxLease } from '@waybill/mongo';
import type { Logger, Metrics } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { createActivityLog } from './activity.ts';

export interface EventPublisherDeps {
  readonly jobs: JobStore;
  readonly producer: EventProducer;
  readonly leaseMs: number;
  readonly sweepEveryMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** Publishes every event of this service: the events of jobs from their outboxes, and product events. */
export interface EventPublisher {
  /** Returns the lease to store with a new job, so that `publishNew` can publish its event without reading it back. */
  lease(): OutboxLease;
  /** Publishes the event of a job that was stored with `lease()`. Returns at once; never throws. */
  publishNew(job: JobDocument): void;
  /** Publishes the events in a job's outbox. Returns at once; never throws. The sweeper publishes what fails now. */
  publish(jobId: JobId): void;
  /** Publishes a product event with best effort. Returns at once; never throws. */
  record(activity: ActivityFacts): void;
  /** Starts the sweeper, which publishes the events that were not published at once. */
  start(): void;
  /** Resolves when every publication in flight has succeeded or failed. */
  stop(): Promise<void>;
}

export function createEventPublisher(deps: EventPublisherDeps): EventPublisher {
  const { jobs, producer, logger, metrics, now } = deps;
  const activity = createActivityLog({ producer, logger, metrics });
  const outbox = createOutbox({
    collection: jobs.collection,
    publish: publishTo(producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs: deps.leaseMs,
    everyMs: deps.sweepEveryMs,
    logger,
    metrics,
    now,
  });
  const relay = createBackgroundRelay({ outbox, logger });
  return {
    lease: () => outbox.lease(),
    publishNew: (job) => relay.relayWritten(job),
    publish: (jobId) => relay.relay(jobId),
    record: (facts) => activity.record(facts),
    start: () => outbox.start(),
    async stop() {
      await Promise.all([relay.drain(), activity.drain(), outbox.stop()]);
      await producer.stop();
    },
  };
}
