import type { Receiver } from '@waybill/outbound';
import type { EntryDocument } from '../entries/entry.ts';

/** An export, as it is posted to another system's history. */
export interface ExportHistoryEntry {
  readonly job_id: string;
  readonly attempt: number;
  readonly quota_type: 'Customer Data';
  readonly company_id: string;
  readonly organization_id: string;
  /** The groups that may see it there. */
  readonly visibility: readonly ['company', 'organization'];
  readonly user_id: string;
  readonly outcome: EntryDocument['outcome'];
  readonly format: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly file_name: string | null;
  /** The download route of the file. The link grants no access by itself. */
  readonly link: string;
  /** ISO 8601. */
  readonly requested_at: string;
  readonly completed_at: string;
  readonly expires_at: string | null;
}

/** Port to the product's own history of exports. The adapter below posts to an HTTP endpoint. */
export interface ExportHistoryRegistrar {
  /**
   * Resolves when the other system has accepted the entry. It recognises a repetition by job and attempt.
   * @throws ExportError RECEIVER_UNAVAILABLE, RECEIVER_REFUSED.
   */
  register(entry: ExportHistoryEntry, options: { readonly signal: AbortSignal }): Promise<void>;
}

export function createHttpRegistrar(receiver: Receiver): ExportHistoryRegistrar {
  return {
    register: (entry, { signal }) =>
      receiver.post({ body: entry, idempotencyKey: `${entry.job_id}:${entry.attempt}`, signal }),
  };
}

export function historyEntryOf(entry: EntryDocument, link: string): ExportHistoryEntry {
  return {
    job_id: entry._id,
    attempt: entry.attempt,
    quota_type: 'Customer Data',
    company_id: entry.company_id,
    organization_id: entry.organization_id,
    visibility: ['company', 'organization'],
    user_id: entry.user_id,
    outcome: entry.outcome,
    format: entry.spec.format,
    rows: entry.receipt?.written ?? null,
    bytes: entry.file?.bytes ?? null,
    file_name: entry.file?.name ?? null,
    link,
    requested_at: entry.requested_at.toISOString(),
    completed_at: entry.completed_at.toISOString(),
    expires_at: entry.file?.expires_at.toISOString() ?? null,
  };
}
