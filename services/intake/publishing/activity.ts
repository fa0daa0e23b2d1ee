import { randomUUID } from 'node:crypto';
import type { Caller } from '@waybill/auth';
import type { EventProducer } from '@waybill/kafka';
import type { Logger, Metrics } from '@waybill/observability';
import type { ExportActivity } from '@waybill/schemas';
import type { JobDocument } from '../job/job-store.ts';

/** Product events that may wait for Kafka at once. Further ones are dropped, because no request waits for them. */
const maximumInFlight = 64;

/** A product event without its id and its time. */
export type Activity = Pick<ExportActivity, 'company_id' | 'job_id' | 'user_id' | 'attributes'> & {
  readonly name: 'cdp_export_started' | 'cdp_export_limit_exceeded';
  readonly traceparent?: string;
};

/** Publishes product events with best effort: while Kafka is down they are lost, and counted as lost. */
export interface ActivityLog {
  /** Returns at once; never throws. */
  record(activity: Activity): void;
  /** Resolves when every recorded event is published or lost. */
  drain(): Promise<void>;
}

export interface ActivityLogDeps {
  readonly producer: Pick<EventProducer, 'send'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

export function createActivityLog({ producer, logger, metrics, now }: ActivityLogDeps): ActivityLog {
  const running = new Set<Promise<void>>();
  const lost = metrics.counter('waybill_activities_lost_total', 'Product events that were not published', [
    'name',
  ]);

  async function publish({ traceparent, ...activity }: Activity): Promise<void> {
    const at = now();
    try {
      await producer.send('export.activity', {
        key: activity.company_id,
        id: randomUUID(),
        type: activity.name,
        companyId: activity.company_id,
        attempt: 1,
        event: { ...activity, at, personal: null },
        at,
        ...(traceparent === undefined ? {} : { traceparent }),
      });
    } catch (error) {
      lost.inc({ name: activity.name });
      logger.warn({ error, company_id: activity.company_id }, 'product event lost');
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
export function exportStarted(job: JobDocument): Activity {
  const { spec } = job.request;
  return {
    name: 'cdp_export_started',
    company_id: job.company_id,
    job_id: job._id,
    user_id: job.user_id,
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
  caller: Pick<Caller, 'companyId' | 'userId'>,
  total: number,
  cap: number,
): Activity {
  return {
    name: 'cdp_export_limit_exceeded',
    company_id: caller.companyId,
    job_id: null,
    user_id: caller.userId,
    attributes: { total: String(total), cap: String(cap) },
  };
}
