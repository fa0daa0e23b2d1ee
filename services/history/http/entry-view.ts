import type { Language } from '@waybill/errors';
import { failureView, type FailureView, type FileView } from '@waybill/http';
import type { PersonalData } from '@waybill/crypto';
import type { Receipt } from '@waybill/schemas';
import type { JobStatus } from '@waybill/domain';
import { statusOf, type EntryDocument, type StoredCount, type StoredReceipt } from '../entries/entry.ts';

/** An entry as the API returns it. Instants are ISO 8601. */
export interface EntryView {
  readonly job_id: string;
  readonly job_type: 'export';
  readonly status: JobStatus;
  readonly attempt: number;
  readonly company_id: string;
  readonly organization_id: string;
  readonly requested_by: {
    readonly user_id: string;
    readonly email: string | null;
    readonly name: string | null;
    /** Whether the person's data was erased. */
    readonly erased: boolean;
  };
  readonly requested_at: string;
  readonly completed_at: string;
  readonly selection: {
    readonly mode: string;
    readonly period: string | null;
    readonly start_date: string | null;
    readonly end_date: string | null;
    readonly sources: readonly string[];
    readonly excluded_count: number;
    readonly criterion: unknown;
  };
  readonly layout: { readonly id: string; readonly name: string };
  readonly fields: readonly string[];
  readonly format: string;
  readonly timezone: string;
  readonly total_records: number | null;
  readonly success_count: number | null;
  readonly failed_count: number | null;
  readonly failure: FailureView | null;
  readonly file: FileView | null;
  readonly receipt: (Omit<Receipt, 'snapshot_at'> & { readonly snapshot_at: string }) | null;
  readonly downloads: { readonly count: number; readonly last_at: string | null };
  /** Set if the export exceeded the company's alert threshold. */
  readonly governance: { readonly threshold: number } | null;
}

/** What a view needs in addition to the entry. */
export interface ViewContext {
  /** Undefined if the personal data was erased or cannot be opened. */
  readonly person: PersonalData | undefined;
  readonly downloads: { readonly count: number; readonly lastAt: Date | undefined };
  readonly threshold: number | undefined;
  readonly language: Language;
  readonly downloadUrl: string;
  /** Decides whether the file has expired. */
  readonly now: Date;
}

export function entryView(entry: EntryDocument, context: ViewContext): EntryView {
  const { spec, file, receipt } = entry;
  return {
    job_id: entry._id,
    job_type: 'export',
    status: statusOf(entry, context.now),
    attempt: entry.attempt,
    company_id: entry.company_id,
    organization_id: entry.organization_id,
    requested_by: {
      user_id: entry.user_id,
      email: context.person?.email ?? null,
      name: context.person?.name ?? null,
      erased: entry.personal === null,
    },
    requested_at: entry.requested_at.toISOString(),
    completed_at: entry.completed_at.toISOString(),
    selection: {
      mode: spec.selection_mode,
      period: spec.period,
      start_date: spec.start_date,
      end_date: spec.end_date,
      sources: spec.sources,
      excluded_count: spec.excluded_count,
      criterion: context.person?.criterion ?? null,
    },
    layout: { id: spec.layout_id, name: spec.layout_name },
    fields: spec.fields,
    format: spec.format,
    timezone: spec.timezone,
    total_records: receipt?.matched ?? null,
    success_count: receipt?.written ?? null,
    failed_count: receipt?.skipped ?? null,
    failure: entry.failure === null ? null : failureView(entry.failure, context.language),
    file:
      file === null
        ? null
        : {
            name: file.name,
            bytes: file.bytes,
            expires_at: file.expires_at.toISOString(),
            download_url: context.downloadUrl,
          },
    receipt: receipt === null ? null : receiptView(receipt),
    downloads: {
      count: context.downloads.count,
      last_at: context.downloads.lastAt?.toISOString() ?? null,
    },
    governance: context.threshold === undefined ? null : { threshold: context.threshold },
  };
}

function receiptView(receipt: StoredReceipt): EntryView['receipt'] {
  return {
    ...receipt,
    cells_truncated: countView(receipt.cells_truncated),
    cells_as_text: countView(receipt.cells_as_text),
    characters_replaced: countView(receipt.characters_replaced),
    snapshot_at: receipt.snapshot_at.toISOString(),
  };
}

function countView(count: StoredCount): Receipt['cells_as_text'] {
  return {
    total: count.total,
    by_field: Object.fromEntries(count.by_field.map(({ field, count: cells }) => [field, cells])),
  };
}
