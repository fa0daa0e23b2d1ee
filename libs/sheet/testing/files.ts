import { buffer } from 'node:stream/consumers';
import type { Cell, SheetColumn } from '@waybill/formatting';
import { createCsvWriter, createXlsxWriter } from '../index.ts';
import type { CsvWriterOptions, ReceiptRow, SheetWriter, Tally, XlsxWriterOptions } from '../types.ts';

/** A finished file in memory. */
export interface WrittenFile {
  readonly bytes: Buffer;
  readonly tally: Tally;
}

export const SNAPSHOT = new Date('2026-11-24T03:49:44Z');

/** Returns text columns called a, b, c and so on, with the same headers in capitals. */
export function textColumns(count: number): readonly SheetColumn[] {
  return Array.from({ length: count }, (_, at) => {
    const name = String.fromCharCode(97 + at);
    return { name, header: name.toUpperCase(), kind: 'text' };
  });
}

type Rows = Iterable<readonly Cell[]>;
type Receipt = (tally: Tally) => readonly ReceiptRow[];

/** Writes a whole XLSX file. Columns are as many text columns as the first row has cells, unless options say otherwise. */
export function xlsxFile(
  rows: Rows,
  options: Partial<XlsxWriterOptions> = {},
  receipt?: Receipt,
): Promise<WrittenFile> {
  const columns = options.columns ?? columnsOf(rows);
  return fileOf(createXlsxWriter({ snapshotAt: SNAPSHOT, ...options, columns }), rows, receipt);
}

/** Writes a whole CSV file, with columns as in `xlsxFile`. */
export function csvFile(rows: Rows, options: Partial<CsvWriterOptions> = {}): Promise<WrittenFile> {
  return fileOf(createCsvWriter({ ...options, columns: options.columns ?? columnsOf(rows) }), rows);
}

async function fileOf(writer: SheetWriter, rows: Rows, receipt?: Receipt): Promise<WrittenFile> {
  const bytes = buffer(writer.stream);
  // A writer that fails throws as well, before this promise is awaited.
  bytes.catch(() => undefined);
  for (const row of rows) await writer.write(row);
  const tally = await writer.finish(receipt);
  return { bytes: await bytes, tally };
}

function columnsOf(rows: Rows): readonly SheetColumn[] {
  for (const row of rows) return textColumns(row.length);
  return textColumns(1);
}
