import { pipeline } from 'node:stream/promises';
import { createFormatter } from '@waybill/formatting';
import { createCsvWriter, createXlsxWriter, type SheetWriter } from '@waybill/sheet';
import { columns, contactAt, TIMEZONE } from './contacts.ts';
import { CountingSink } from './sink.ts';

/** Formats raw rows and writes them to an XLSX file. */
export function writeXlsx(rows: number, compressionLevel: number): Promise<number> {
  const formatter = createFormatter({ columns, format: 'xlsx', timezone: TIMEZONE, locale: 'en' });
  const snapshotAt = new Date(0);
  return write(
    rows,
    formatter,
    createXlsxWriter({ columns: formatter.columns, snapshotAt, compressionLevel }),
  );
}

/** Formats raw rows with the formula guard and writes them to a CSV file. */
export function writeCsv(rows: number): Promise<number> {
  const formatter = createFormatter({ columns, format: 'csv', timezone: TIMEZONE, locale: 'en' });
  return write(rows, formatter, createCsvWriter({ columns: formatter.columns }));
}

async function write(
  rows: number,
  formatter: ReturnType<typeof createFormatter>,
  writer: SheetWriter,
): Promise<number> {
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
