import type { Counter, Histogram, Metrics } from '@waybill/observability';

/** Metrics of resolving. The Kafka library measures consuming and producing. */
export interface ResolverMetrics {
  readonly contacts: Counter<'result'>;
  readonly batchBytes: Histogram;
  readonly freezeSeconds: Histogram;
  readonly resolveSeconds: Histogram<'outcome'>;
}

const kib = 1024;

export function createResolverMetrics(metrics: Metrics): ResolverMetrics {
  return {
    contacts: metrics.counter('waybill_resolver_contacts_total', 'Contacts read or skipped', ['result']),
    batchBytes: metrics.histogram(
      'waybill_resolver_batch_bytes',
      'Encoded rows of a batch before compression',
      [],
      [16 * kib, 64 * kib, 128 * kib, 256 * kib, 384 * kib, 512 * kib, 1024 * kib, 20 * 1024 * kib],
    ),
    freezeSeconds: metrics.histogram('waybill_resolver_freeze_seconds', 'Time to list a selection'),
    resolveSeconds: metrics.histogram(
      'waybill_resolver_resolve_seconds',
      'Time from a request to the acknowledged end of its batches',
      ['outcome'],
      [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600],
    ),
  };
}
