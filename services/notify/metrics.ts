import type { Counter, Histogram, Metrics } from '@waybill/observability';

export interface NotifyMetrics {
  readonly emails: Counter<'template' | 'result'>;
  readonly sendSeconds: Histogram;
}

/**
 * Registers the metrics of notify. `countStuck` is called each time the metrics are read; while it fails, the gauge keeps
 * its last value.
 */
export function createNotifyMetrics(metrics: Metrics, countStuck: () => Promise<number>): NotifyMetrics {
  const help = 'Deliveries that wait for an operator';
  metrics.gauge('waybill_stuck_deliveries', help, [], async (gauge) => {
    try {
      gauge.set(await countStuck());
    } catch {
      // MongoDB is down: /readyz reports that, and the other metrics must stay readable.
    }
  });
  return {
    emails: metrics.counter('waybill_emails_total', "Sends by template and by the mail server's answer", [
      'template',
      'result',
    ]),
    sendSeconds: metrics.histogram('waybill_email_send_seconds', 'Duration of one send to the mail server'),
  };
}
