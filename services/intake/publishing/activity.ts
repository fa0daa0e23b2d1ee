import { randomUUID } from 'node:crypto';
import type { EventProducer } from '@waybill/kafka';
import type { Logger, Metrics } from '@waybill/observability';
import type { ExportActivity } from '@waybill/schemas';

/** Product events that wait for Kafka at once; more are dropped, since nobody waits for them. */
const maximumInFlight = 64;

/** What a product event says beside its id and its time. */
export type Activity = Pick<ExportActivity, 'company_id' | 'job_id' | 'user_id' | 'attributes'> & {
  readonly name: 'cdp_export_started' | 'cdp_export_limit_exceeded';
  readonly traceparent?: string;
};

/** Product events, best effort: with Kafka down they are lost, and counted as lost. */
export interface ActivityLog {
  /** Returns at once; never throws. */
  record(activity: Activity): void;
  drain(): Promise<void>;
}

export interface ActivityOptions {
  readonly producer: Pick<EventProducer, 'send'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

export function createActivityLog({ producer, logger, metrics, now }: ActivityOptions): ActivityLog {
  const running = new Set<Promise<void>>();
  const lost = metrics.counter('intake_activity_lost_total', 'Product events that Kafka did not take', [
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
