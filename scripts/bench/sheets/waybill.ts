import { pipeline } from 'node:stream/promises';
import type { Formatter } from '@waybill/formatting';
import { createCsvWriter, createXlsxWriter, type SheetWriter } from '@waybill/sheet';
import { contactAt, formatters } from './contacts.ts';
import { CountingSink } from './sink.ts';

/** Formats raw rows and writes them to an XLSX file. */
export function writeXlsx(rows: number, compressionLevel: number): Promise<number> {
  const { columns } = formatters.xlsx;
  const writer = createXlsxWriter({ columns, snapshotAt: new Date(0), compressionLevel });
  return write(rows, formatters.xlsx, writer);
}

/** Formats raw rows with the formula guard and writes them to a CSV file. */
export function writeCsv(rows: number): Promise<number> {
  return write(rows, formatters.csv, createCsvWriter({ columns: formatters.csv.columns }));
}

async function write(rows: number, formatter: Formatter, writer: SheetWriter): Promise<number> {
  const sink = new CountingSink();
  const delivered = pipeline(writer.stream, sink);
  for (let at = 0; at < rows; at++) {
    const wait = writer.write(formatter.row(contactAt(at)));
    if (wait !== undefined) await wait;
  }
  await writer.finish();
  await delivered;
  return sink.bytes;
}
