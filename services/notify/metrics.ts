import type { Counter, Histogram, Metrics } from '@waybill/observability';

export interface NotifyMetrics {
  readonly emails: Counter<'template' | 'result'>;
  readonly failed: Counter<'template' | 'code'>;
  readonly sendSeconds: Histogram;
}

/**
 * Registers the metrics of notify. `count` is called each time the metrics are read; while it fails, the gauges keep their
 * last values.
 */
export function createNotifyMetrics(
  metrics: Metrics,
  count: (state: 'scheduled' | 'stuck') => Promise<number>,
): NotifyMetrics {
  const gauge = (name: string, help: string, state: 'scheduled' | 'stuck') =>
    metrics.gauge(name, help, [], async (one) => {
      try {
        one.set(await count(state));
      } catch {
        // MongoDB is down: /readyz reports that, and the other metrics must stay readable.
      }
    });
  gauge('waybill_scheduled_deliveries', 'Deliveries that wait for their next attempt', 'scheduled');
  gauge('waybill_stuck_deliveries', 'Deliveries that wait for an operator', 'stuck');
  return {
    emails: metrics.counter('waybill_emails_total', "Tries by template and by the mail server's answer", [
      'template',
      'result',
    ]),
    failed: metrics.counter('waybill_failed_deliveries_total', 'Deliveries that ended without an email', [
      'template',
      'code',
    ]),
    sendSeconds: metrics.histogram('waybill_email_send_seconds', 'Duration of one send to the mail server'),
  };
}
