import type { ExportCompleted, ExportFile, Failure, ExportSpec, Receipt } from '@waybill/schemas';
import { companyId, jobId, limits, userId, type CompanyId, type JobId, type UserId } from '@waybill/domain';

/** How an export ended, with what that end carries. */
export type Result =
  | { readonly outcome: 'SUCCEEDED'; readonly file: ExportFile; readonly receipt: Receipt }
  | { readonly outcome: 'FAILED'; readonly failure: Failure }
  | { readonly outcome: 'CANCELLED' };

/** An `export.completed` event that somebody can be told about. Instants are in milliseconds. */
export interface EndedExport {
  readonly jobId: JobId;
  readonly companyId: CompanyId;
  readonly userId: UserId;
  readonly attempt: number;
  readonly requestedAt: number;
  readonly completedAt: number;
  /** From this instant on there is nothing left to open, so an email would lead nowhere. */
  readonly endsAt: number;
  readonly job: ExportSpec;
  readonly result: Result;
}

const unknownFailure: Failure = { code: 'EXPORT_FAILED', detail: '', params: {} };

/** The event in that form; undefined where the request could not be read, so that nobody is known to have asked. */
export function endedExport(event: ExportCompleted): EndedExport | undefined {
  if (event.spec === null) return undefined;
  const result = resultOf(event);
  return {
    jobId: jobId(event.job_id),
    companyId: companyId(event.company_id),
    userId: userId(event.spec.user_id),
    attempt: event.attempt,
    requestedAt: event.spec.requested_at,
    completedAt: event.completed_at,
    endsAt: result.outcome === 'SUCCEEDED' ? result.file.expires_at : event.completed_at + limits.fileTtlMs,
    job: event.spec,
    result,
  };
}

function resultOf(event: ExportCompleted): Result {
  if (event.outcome === 'CANCELLED') return { outcome: 'CANCELLED' };
  if (event.outcome === 'SUCCEEDED' && event.file !== null && event.receipt !== null) {
    return { outcome: 'SUCCEEDED', file: event.file, receipt: event.receipt };
  }
  // A success without its file or receipt proves nothing: it is told as the failure that it is.
  return { outcome: 'FAILED', failure: event.failure ?? unknownFailure };
}
