import { hostname } from 'node:os';
import type { EventProducer } from '@waybill/kafka';
import { createOutbox, publishTo, type OutboxLease } from '@waybill/mongo';
import type { Logger, Metrics } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { createActivityLog, type Activity } from './activity.ts';

/**
 * Outboxes that may be published at once. While Kafka is down each publication lasts until the send times out (5 s);
 * the sweeper publishes what exceeds this number.
 */
const maximumInFlight = 64;

export interface EventPublisherDeps {
  readonly jobs: JobStore;
  readonly producer: EventProducer;
  readonly leaseMs: number;
  readonly sweepEveryMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

/** Publishes every event of this service: the events of jobs from their outboxes, and product events. */
export interface EventPublisher {
  /** Returns the lease to store with a new job, so that `publishNew` can publish its event without reading it back. */
  lease(): OutboxLease;
  /** Publishes the event of a job that was stored with `lease()`. Returns at once; never throws. */
  publishNew(job: JobDocument): void;
  /** Publishes the events in a job's outbox. Returns at once; never throws. The sweeper publishes what fails now. */
  publish(jobId: JobId): void;
  record(activity: Activity): void;
  /** Starts the sweeper, which publishes the events that were not published at once. */
  start(): void;
  /** Resolves when every publication in flight has succeeded or failed. */
  stop(): Promise<void>;
}

export function createEventPublisher(deps: EventPublisherDeps): EventPublisher {
  const { jobs, producer, logger, metrics, now } = deps;
  const running = new Set<Promise<void>>();
  const activity = createActivityLog({ producer, logger, metrics, now });
  const outbox = createOutbox({
    collection: jobs.collection,
    publish: publishTo(producer),
    owner: `${hostname()}:${process.pid}`,
    leaseMs: deps.leaseMs,
    everyMs: deps.sweepEveryMs,
    logger,
    now,
  });

  async function publish(jobId: JobId, relay: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await relay())) logger.warn({ job_id: jobId }, 'event left to the sweeper');
    } catch (error) {
      logger.warn({ job_id: jobId, error }, 'event left to the sweeper');
    }
  }

  function startPublishing(jobId: JobId, relay: () => Promise<boolean>): void {
    if (running.size >= maximumInFlight) return;
    const task = publish(jobId, relay).finally(() => running.delete(task));
    running.add(task);
  }

  return {
    lease: () => outbox.lease(),
    publishNew: (job) => startPublishing(job._id, () => outbox.relayWritten(job)),
    publish: (jobId) => startPublishing(jobId, () => outbox.relay(jobId)),
    record: (event) => activity.record(event),
    start: () => outbox.start(),
    async stop() {
      await Promise.all([...running, activity.drain(), outbox.stop()]);
      await producer.stop();
    },
  };
}
