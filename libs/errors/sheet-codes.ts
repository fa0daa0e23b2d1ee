import { entry, fatal, type CatalogueEntry } from './catalogue-entry.ts';

/** The codes of @waybill/sheet: they end a job, and a client sees them as its `failure_reason`. */
export const sheetCodes = {
  SHEET_ROW_LENGTH: fatal(
    ['A row does not fit the columns', 'Baris tidak sesuai kolom'],
    [
      'Row {row} has {actual} cells, the sheet has {expected} columns.',
      'Baris {row} memiliki {actual} sel, lembar memiliki {expected} kolom.',
    ],
  ),
  SHEET_CELL_UNKNOWN: fatal(
    ['Unknown kind of cell', 'Jenis sel tidak dikenal'],
    [
      'Row {row}, column {column}: {kind} is not a kind of cell.',
      'Baris {row}, kolom {column}: {kind} bukan jenis sel.',
    ],
  ),
  SHEET_ENDED: fatal(
    ['The sheet has ended', 'Lembar sudah berakhir'],
    [
      'A writer accepts no rows after finish or abort.',
      'Penulis tidak menerima baris setelah selesai atau batal.',
    ],
  ),
  SHEET_SINK_FAILED: entry(
    500,
    'system',
    true,
    ['The sheet could not be delivered', 'Lembar tidak dapat dikirim'],
    ['The receiver of the bytes failed: {reason}.', 'Penerima byte gagal: {reason}.'],
  ),
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
