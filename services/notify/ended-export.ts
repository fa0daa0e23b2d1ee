import type { ExportCompleted, ExportFile, ExportSpec, Failure, Receipt } from '@waybill/schemas';
import { companyId, jobId, limits, userId, type CompanyId, type JobId, type UserId } from '@waybill/domain';

/** How an export ended, with the data of that outcome. */
export type Result =
  | { readonly outcome: 'SUCCEEDED'; readonly file: ExportFile; readonly receipt: Receipt }
  | { readonly outcome: 'FAILED'; readonly failure: Failure }
  | { readonly outcome: 'CANCELLED' };

/** An `export.completed` event whose requester is known. Instants are epoch milliseconds. */
export interface EndedExport {
  readonly jobId: JobId;
  readonly companyId: CompanyId;
  readonly userId: UserId;
  readonly attempt: number;
  readonly requestedAt: number;
  readonly completedAt: number;
  /** From this instant on an email is not sent: its link would lead to a file that was removed. */
  readonly expiresAt: number;
  readonly spec: ExportSpec;
  readonly result: Result;
}

/** What the requester gets; also the kind of the notification in the app. */
export type RequesterTemplate = 'export_succeeded' | 'export_failed' | 'export_cancelled';

/** All templates: `export_threshold` goes to administrators. */
export type Template = RequesterTemplate | 'export_threshold';

/** The failure that is shown where the event does not say one. */
export const unknownFailure: Failure = { code: 'EXPORT_FAILED', detail: '', params: {} };

/** Converts an event. Returns undefined where the request could not be read, so that the requester is unknown. */
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
    expiresAt:
      result.outcome === 'SUCCEEDED' ? result.file.expires_at : event.completed_at + limits.fileTtlMs,
    spec: event.spec,
    result,
  };
}

function resultOf(event: ExportCompleted): Result {
  if (event.outcome === 'CANCELLED') return { outcome: 'CANCELLED' };
  if (event.outcome === 'SUCCEEDED' && event.file !== null && event.receipt !== null) {
    return { outcome: 'SUCCEEDED', file: event.file, receipt: event.receipt };
  }
  // A success without its file or receipt cannot be downloaded or checked, so it is reported as a failure.
  return { outcome: 'FAILED', failure: event.failure ?? unknownFailure };
}

const templates: Readonly<Record<Result['outcome'], RequesterTemplate>> = {
  SUCCEEDED: 'export_succeeded',
  FAILED: 'export_failed',
  CANCELLED: 'export_cancelled',
};

/** Returns the template of the requester's email and notification. */
export function templateOf(ended: EndedExport): RequesterTemplate {
  return templates[ended.result.outcome];
}

/** Returns the rows of the file; 0 where there is no file. */
export function rowsOf({ result }: EndedExport): number {
  return result.outcome === 'SUCCEEDED' ? result.receipt.written : 0;
}
