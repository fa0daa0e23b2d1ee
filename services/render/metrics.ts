import type { Counter, Histogram, Metrics } from '@waybill/observability';

/** Metrics of rendering. The Kafka library measures consuming and producing. */
export interface RenderMetrics {
  readonly jobs: Counter<'outcome'>;
  readonly jobSeconds: Histogram<'outcome'>;
  readonly rows: Counter;
  readonly fencesLost: Counter;
  readonly receiptMismatches: Counter;
  readonly restarts: Counter;
  readonly rewinds: Counter<'reason'>;
  readonly streamsLost: Counter;
  readonly endsRepeated: Counter;
  readonly evictions: Counter;
}

export function createRenderMetrics(metrics: Metrics): RenderMetrics {
  return {
    jobs: metrics.counter('waybill_render_jobs_total', 'Jobs that this process closed', ['outcome']),
    jobSeconds: metrics.histogram(
      'waybill_render_job_seconds',
      'Time from the accepted request to the closed job',
      ['outcome'],
      [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600],
    ),
    rows: metrics.counter('waybill_render_rows_total', 'Rows written, including those of restarted files'),
    fencesLost: metrics.counter(
      'waybill_render_fences_lost_total',
      'Closes rejected because another claim is newer or the job had ended',
    ),
    receiptMismatches: metrics.counter(
      'waybill_render_receipt_mismatches_total',
      'Files withheld because the receipt did not balance',
    ),
    restarts: metrics.counter('waybill_render_restarts_total', 'Files started again after a fault'),
    rewinds: metrics.counter('waybill_render_rewinds_total', 'Times a partition was read again', ['reason']),
    streamsLost: metrics.counter(
      'waybill_render_streams_lost_total',
      'Jobs whose batches could not be read and were asked for again',
    ),
    endsRepeated: metrics.counter(
      'waybill_render_ends_repeated_total',
      'Ends of jobs that were published again because intake had no end',
    ),
    evictions: metrics.counter(
      'waybill_render_evictions_total',
      'Idle jobs evicted because files in progress held too many bytes',
    ),
  };
}
