import { limits, type JobStatus } from '@waybill/domain';
import { erasedId } from '@waybill/erasure';
import type {
  Count,
  ExportCompleted,
  Failure,
  ExportSpec,
  Outcome,
  Receipt,
  SealedData,
} from '@waybill/schemas';

/** A count by field, as stored: field names may contain dots, which MongoDB does not allow in keys. */
export interface StoredCount {
  readonly total: number;
  readonly by_field: readonly { readonly field: string; readonly count: number }[];
}

export type StoredReceipt = Omit<
  Receipt,
  'cells_truncated' | 'cells_as_text' | 'characters_replaced' | 'snapshot_at'
> & {
  readonly cells_truncated: StoredCount;
  readonly cells_as_text: StoredCount;
  readonly characters_replaced: StoredCount;
  readonly snapshot_at: Date;
};

export interface StoredFile {
  readonly bucket: string;
  readonly key: string;
  readonly name: string;
  readonly content_type: string;
  readonly bytes: number;
  readonly expires_at: Date;
}

/** The spec of an export without the requester's sealed data. */
export type StoredSpec = Omit<ExportSpec, 'personal' | 'organization_id' | 'user_id' | 'requested_at'>;

/**
 * One export in the history: the result of its newest attempt. It is built from one `export.completed` event, so the
 * collection can be dropped and rebuilt from the topic.
 */
export interface EntryDocument {
  /** The job's id. */
  readonly _id: string;
  readonly company_id: string;
  readonly organization_id: string;
  readonly user_id: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly requested_at: Date;
  readonly completed_at: Date;
  readonly spec: StoredSpec;
  readonly failure: Failure | null;
  readonly file: StoredFile | null;
  readonly receipt: StoredReceipt | null;
  /** Sealed email, name and search terms; null after the person was erased. */
  readonly personal: SealedData | null;
  /** Removed after this instant. */
  readonly keep_until: Date;
}

/** Returns the entry of an event; undefined if the request could not be read, because then the owner is unknown. */
export function entryOf(event: ExportCompleted): EntryDocument | undefined {
  if (event.spec === null) return undefined;
  const { personal, organization_id, user_id, requested_at, ...spec } = event.spec;
  const { file, receipt } = event;
  return {
    _id: event.job_id,
    company_id: event.company_id,
    organization_id,
    user_id,
    attempt: event.attempt,
    outcome: event.outcome,
    requested_at: new Date(requested_at),
    completed_at: new Date(event.completed_at),
    spec,
    failure: event.failure,
    file: file === null ? null : { ...file, expires_at: new Date(file.expires_at) },
    receipt: receipt === null ? null : storedReceipt(receipt),
    personal,
    keep_until: new Date(event.completed_at + limits.historyTtlMs),
  };
}

/** Returns the entry without the requester and the file, for a person who was erased. */
export function withoutPerson(entry: EntryDocument): EntryDocument {
  return { ...entry, user_id: erasedId, personal: null, file: null };
}

function storedReceipt(receipt: Receipt): StoredReceipt {
  return {
    ...receipt,
    cells_truncated: storedCount(receipt.cells_truncated),
    cells_as_text: storedCount(receipt.cells_as_text),
    characters_replaced: storedCount(receipt.characters_replaced),
    snapshot_at: new Date(receipt.snapshot_at),
  };
}

function storedCount(count: Count): StoredCount {
  return {
    total: count.total,
    by_field: Object.entries(count.by_field).map(([field, cells]) => ({ field, count: cells })),
  };
}

const statuses = { SUCCEEDED: 'completed', FAILED: 'failed', CANCELLED: 'cancelled' } as const;

/** Returns the status of an export, which follows from its outcome and the lifetime of its file. */
export function statusOf(entry: Pick<EntryDocument, 'outcome' | 'file'>, now: Date): JobStatus {
  const expired = entry.file !== null && now >= entry.file.expires_at;
  return entry.outcome === 'SUCCEEDED' && expired ? 'expired' : statuses[entry.outcome];
}
