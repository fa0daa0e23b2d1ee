import type { Language } from '@waybill/errors';
import { downloadUrl, type JobStatus } from '@waybill/domain';
import { failureView } from '@waybill/http';
import type { StatusView } from './status-schema.ts';
import type { Job } from './job.ts';

/** The reader of a status. */
export interface StatusContext {
  /** Milliseconds since 1970; decides whether the file has expired. */
  readonly now: number;
  readonly language: Language;
  /** The address under which a browser reaches the API. */
  readonly publicUrl: string;
}

/** Returns a job as a reader sees it. */
export function statusView(job: Job, { now, language, publicUrl }: StatusContext): StatusView {
  return {
    job_id: job._id,
    job_type: 'export',
    status: statusAt(job, now),
    phase: job.status === 'processing' ? job.phase : null,
    attempt: job.attempt,
    format: job.request.spec.format,
    total_records: job.total,
    success_count: job.written,
    failed_count: job.skipped,
    progress: progressOf(job),
    eta_seconds: etaSeconds(job, now),
    cancel_requested: job.cancel_requested,
    failure_reason: job.failure?.code ?? null,
    failure: job.failure === null ? null : failureView(job.failure, language),
    requested_at: iso(job.accepted_at),
    completed_at: job.ended_at === null ? null : iso(job.ended_at),
    file:
      job.file === null
        ? null
        : {
            ...job.file,
            expires_at: iso(job.file.expires_at),
            download_url: downloadUrl(publicUrl, job._id),
          },
    receipt: job.receipt === null ? null : { ...job.receipt, snapshot_at: iso(job.receipt.snapshot_at) },
  };
}

/** Derives `expired` from the file's expiry when the job is read, so that no background work has to store it. */
export function statusAt(job: Pick<Job, 'status' | 'file'>, now: number): JobStatus {
  const expired = job.status === 'completed' && job.file !== null && job.file.expires_at <= now;
  return expired ? 'expired' : job.status;
}

/** Returns the percentage of the selection that is written or skipped; 100 only when the job has completed. */
export function progressOf(job: Pick<Job, 'status' | 'total' | 'written' | 'skipped'>): number {
  if (job.status === 'completed') return 100;
  if (job.total === null || job.total === 0) return 0;
  return Math.min(99, Math.floor((100 * (job.written + job.skipped)) / job.total));
}

/**
 * Returns the seconds until the file is finished at the pace so far, or null before a pace is known. The time since the
 * last report is subtracted, so that the number falls between two reports.
 */
export function etaSeconds(
  job: Pick<Job, 'status' | 'total' | 'written' | 'skipped' | 'started_at' | 'progress_at'>,
  now: number,
): number | null {
  const { total, started_at, progress_at } = job;
  if (job.status !== 'processing' || total === null || started_at === null || progress_at === null) {
    return null;
  }
  const read = job.written + job.skipped;
  const spentMs = progress_at - started_at;
  if (read === 0 || spentMs <= 0) return null;
  const leftMs = ((total - read) * spentMs) / read - (now - progress_at);
  return Math.max(0, Math.ceil(leftMs / 1_000));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
