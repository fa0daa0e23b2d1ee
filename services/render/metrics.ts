import type { Counter, Histogram, Metrics } from '@waybill/observability';

/** Render's own metrics; those of consuming and producing are the Kafka port's. */
export interface RenderMetrics {
  readonly jobs: Counter<'outcome'>;
  readonly jobSeconds: Histogram<'outcome'>;
  readonly rows: Counter;
  readonly fencesLost: Counter;
  readonly receiptMismatches: Counter;
  readonly restarts: Counter;
  readonly seeks: Counter<'reason'>;
  readonly putDown: Counter;
  readonly swept: Counter<'what'>;
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
    rows: metrics.counter('waybill_render_rows_total', 'Rows written, those of files begun anew included'),
    fencesLost: metrics.counter(
      'waybill_render_fences_lost_total',
      'Closes that were refused because another claim is newer or the job had ended',
    ),
    receiptMismatches: metrics.counter(
      'waybill_render_receipt_mismatches_total',
      'Files that were withheld because selected is not written plus skipped',
    ),
    restarts: metrics.counter('waybill_render_restarts_total', 'Files begun anew after a fault'),
    seeks: metrics.counter('waybill_render_seeks_total', 'Times a partition was read again', ['reason']),
    putDown: metrics.counter(
      'waybill_render_put_down_total',
      'Idle jobs put down because files in progress held too many bytes',
    ),
    swept: metrics.counter('waybill_render_swept_total', 'What the sweeper found', ['what']),
  };
}
