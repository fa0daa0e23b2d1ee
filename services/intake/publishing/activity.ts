import { randomUUID } from 'node:crypto';
import type { Caller } from '@waybill/auth';
import { activityEvent, type ActivityFacts, type EventProducer } from '@waybill/kafka';
import type { Logger, Metrics } from '@waybill/observability';
import type { JobDocument } from '../job/job-store.ts';

/** Product events that may wait for Kafka at once. Further ones are dropped, because no request waits for them. */
const maximumInFlight = 64;

/** Publishes product events with best effort: while Kafka is down they are lost, and counted as lost. */
export interface ActivityLog {
  /** Returns at once; never throws. */
  record(activity: ActivityFacts): void;
  /** Resolves when every recorded event is published or lost. */
  drain(): Promise<void>;
}

export interface ActivityLogDeps {
  readonly producer: Pick<EventProducer, 'send'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createActivityLog({ producer, logger, metrics }: ActivityLogDeps): ActivityLog {
  const running = new Set<Promise<void>>();
  const lost = metrics.counter('waybill_activities_lost_total', 'Product events that were not published', [
    'name',
  ]);

  async function publish(activity: ActivityFacts): Promise<void> {
    try {
      await producer.send('export.activity', activityEvent(activity));
    } catch (error) {
      lost.inc({ name: activity.name });
      logger.warn({ error, company_id: activity.companyId }, 'product event lost');
    }
  }

  return {
    record(activity) {
      if (running.size >= maximumInFlight) {
        lost.inc({ name: activity.name });
        return;
      }
      const task = publish(activity).finally(() => running.delete(task));
      running.add(task);
    },
    async drain() {
      await Promise.all(running);
    },
  };
}

/** Returns the product event of a new job. */
export function exportStarted(job: JobDocument): ActivityFacts {
  const { spec } = job.request;
  return {
    name: 'cdp_export_started',
    companyId: job.company_id,
    jobId: job._id,
    userId: job.user_id,
    at: job.accepted_at,
    attributes: {
      format: spec.format,
      selection_mode: spec.selection_mode,
      lane: spec.lane,
      fields: String(spec.fields.length),
      ...(job.total === null ? {} : { total: String(job.total) }),
    },
  };
}

/** Returns the product event of a selection over the company's cap. */
export function limitExceeded(
  { companyId, userId }: Pick<Caller, 'companyId' | 'userId'>,
  { total, cap, at }: { readonly total: number; readonly cap: number; readonly at: number },
): ActivityFacts {
  return {
    name: 'cdp_export_limit_exceeded',
    id: randomUUID(),
    companyId,
    userId,
    at,
    attributes: { total: String(total), cap: String(cap) },
  };
}
