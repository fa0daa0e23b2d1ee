import { timezoneDatabase } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import type { SheetColumn } from '@waybill/formatting';
import type { Count as EventCount, ExportSpec, Receipt } from '@waybill/schemas';
import type { Count, ReceiptRow, Tally } from '@waybill/sheet';
import { DateTime } from 'luxon';

/** What is known before a file is complete, and can be written on its own receipt sheet. */
export interface ReceiptFacts {
  readonly spec: ExportSpec;
  /** Size of the frozen selection. */
  readonly matched: number;
  readonly skipped: number;
  /** When the selection was frozen, in ms since the epoch. */
  readonly snapshotAt: number;
  readonly attempt: number;
}

/** What is known after the file is stored. */
export interface StoredFile {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Checks that each contact of the frozen selection is a row or was counted as skipped. No other file becomes visible.
 * @throws ExportError EXPORT_RECEIPT_MISMATCH
 */
export function requireBalance(matched: number, written: number, skipped: number): void {
  if (matched !== written + skipped) {
    throw new ExportError('EXPORT_RECEIPT_MISMATCH', { params: { matched, written, skipped } });
  }
}

/**
 * Returns the receipt of a stored file.
 * @throws ExportError EXPORT_RECEIPT_MISMATCH if the receipt does not balance
 */
export function receiptOf(facts: ReceiptFacts, tally: Tally, file: StoredFile): Receipt {
  requireBalance(facts.matched, tally.rows, facts.skipped);
  return {
    matched: facts.matched,
    written: tally.rows,
    skipped: facts.skipped,
    cells_truncated: eventCount(tally.cellsTruncated),
    cells_as_text: eventCount(tally.cellsAsText),
    characters_replaced: eventCount(tally.charactersReplaced),
    sha256: file.sha256,
    bytes: file.bytes,
    snapshot_at: facts.snapshotAt,
    timezone: facts.spec.timezone,
    timezone_database: timezoneDatabase(),
    fields: facts.spec.fields,
    format: facts.spec.format,
    attempt: facts.attempt,
  };
}

function eventCount({ total, byField }: Count): EventCount {
  return { total, by_field: byField };
}

/** The names of an XLSX file's sheets (docs/formatting.md). The writer numbers further sheets of contacts. */
export const sheetNames = {
  en: { sheetName: 'Contacts', receiptName: 'Receipt' },
  id: { sheetName: 'Kontak', receiptName: 'Tanda terima' },
} as const;

const labels = {
  en: {
    matched: 'Contacts selected',
    written: 'Rows written',
    skipped: 'Contacts skipped',
    truncated: 'Cells cut at 32,767 characters',
    asText: 'Cells written as text',
    replaced: 'Characters replaced',
    snapshot: 'Selected at',
    timezone: 'Timezone',
    timezoneDatabase: 'Timezone database',
    fields: 'Fields',
    format: 'Format',
    attempt: 'Attempt',
  },
  id: {
    matched: 'Kontak terpilih',
    written: 'Baris tertulis',
    skipped: 'Kontak dilewati',
    truncated: 'Sel dipotong pada 32.767 karakter',
    asText: 'Sel ditulis sebagai teks',
    replaced: 'Karakter diganti',
    snapshot: 'Dipilih pada',
    timezone: 'Zona waktu',
    timezoneDatabase: 'Basis data zona waktu',
    fields: 'Bidang',
    format: 'Format',
    attempt: 'Percobaan',
  },
} as const;

/**
 * Returns the receipt as rows of a sheet, in the job's language. Columns have their headers, as in the table. A file cannot
 * hold its own hash and size.
 */
export function receiptRows(
  facts: ReceiptFacts,
  tally: Tally,
  columns: readonly SheetColumn[],
): readonly ReceiptRow[] {
  const { spec } = facts;
  const headers = new Map(columns.map(({ name, header }) => [name, header]));
  const text = spec.locale === 'id' ? labels.id : labels.en;
  const snapshot = DateTime.fromMillis(facts.snapshotAt, { zone: spec.timezone, numberingSystem: 'latn' });
  return [
    { label: text.matched, value: facts.matched },
    { label: text.written, value: tally.rows },
    { label: text.skipped, value: facts.skipped },
    ...countRows(text.truncated, tally.cellsTruncated, headers),
    ...countRows(text.asText, tally.cellsAsText, headers),
    ...countRows(text.replaced, tally.charactersReplaced, headers),
    { label: text.snapshot, value: snapshot.toFormat("yyyy-MM-dd'T'HH:mm:ssZZ") },
    { label: text.timezone, value: spec.timezone },
    { label: text.timezoneDatabase, value: timezoneDatabase() ?? '' },
    { label: text.fields, value: [...headers.values()].join(', ') },
    { label: text.format, value: spec.format },
    { label: text.attempt, value: facts.attempt },
  ];
}

/** Returns a row for the total and one for each field with a count. */
function countRows(
  label: string,
  { total, byField }: Count,
  headers: ReadonlyMap<string, string>,
): readonly ReceiptRow[] {
  return [
    { label, value: total },
    ...Object.entries(byField).map(([field, count]) => ({
      label: `${label}: ${headers.get(field) ?? field}`,
      value: count,
    })),
  ];
}
