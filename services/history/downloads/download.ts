/** Decides whether a click opens a file, and for how long. Every click is decided again: a link grants no access. */
import type { Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { limits, type JobId } from '@waybill/domain';
import { statusOf, type EntryDocument, type StoredFile } from '../entries/entry.ts';
import { forbidden, refusalToSee } from '../entries/visibility.ts';

export type DownloadDecision =
  | { readonly kind: 'granted'; readonly file: StoredFile; readonly expiresInSeconds: number }
  | { readonly kind: 'refused'; readonly error: ExportError };

export interface Click {
  readonly jobId: JobId;
  readonly entry: EntryDocument | undefined;
  /** The caller with current permissions, not those at the time when the token was issued. */
  readonly caller: Pick<Caller, 'userId' | 'companyId' | 'organizationId' | 'permissions'>;
  readonly now: Date;
}

/**
 * Decides a click. A file contains contacts, so opening it takes `contacts.export` as well as the right to see its
 * entry. The signed URL is valid for at most five minutes and never longer than the file.
 */
export function decideDownload({ jobId, entry, caller, now }: Click): DownloadDecision {
  if (entry === undefined) return refused(notFound(jobId));
  const refusal = refusalToSee(caller, entry);
  if (refusal === 'EXPORT_NOT_FOUND') return refused(notFound(jobId));
  if (refusal !== undefined) return refused(forbidden('company'));
  if (!caller.permissions.includes('contacts.export')) return refused(forbidden('mine'));
  if (entry.file === null) {
    return refused(new ExportError('EXPORT_WITHOUT_FILE', { params: { job_status: statusOf(entry, now) } }));
  }
  const leftMs = entry.file.expires_at.getTime() - now.getTime();
  const expiresInSeconds = Math.floor(Math.min(leftMs, limits.signedUrlTtlMs) / 1000);
  // S3 signs for whole seconds, and for at least one.
  if (expiresInSeconds < 1) return refused(new ExportError('EXPORT_EXPIRED'));
  return { kind: 'granted', file: entry.file, expiresInSeconds };
}

/** Returns the error for a job that does not exist for the caller. */
export function notFound(jobId: JobId): ExportError {
  return new ExportError('EXPORT_NOT_FOUND', { params: { job_id: jobId } });
}

function refused(error: ExportError): DownloadDecision {
  return { kind: 'refused', error };
}
