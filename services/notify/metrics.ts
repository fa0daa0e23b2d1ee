import type { Counter, Histogram, Metrics } from '@waybill/observability';

export interface NotifyMetrics {
  readonly emails: Counter<'template' | 'result'>;
  readonly sendSeconds: Histogram;
}

/** `countStuck` is asked each time the metrics are read; where it cannot answer, the gauge keeps its last value. */
export function createNotifyMetrics(metrics: Metrics, countStuck: () => Promise<number>): NotifyMetrics {
  metrics.gauge('notify_stuck_deliveries', 'Deliveries that wait for an operator', [], async (gauge) => {
    try {
      gauge.set(await countStuck());
    } catch {
      // MongoDB is down: /readyz says so, and metrics must stay readable.
    }
  });
  return {
    emails: metrics.counter('notify_emails_total', 'Sends by template and by what the mail server said', [
      'template',
      'result',
    ]),
    sendSeconds: metrics.histogram('notify_send_seconds', 'Time of one send to the mail server'),
  };
}
