import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { createXlsxWriter } from '@waybill/sheet';
import { unzip } from '@waybill/fixtures';
import { contactAt, formatters } from './contacts.ts';
import { writeXlsx } from './waybill.ts';

/** The limits of any writer on this runtime: each step of our writers alone. */

/** Rows of a sample whose XML the steps below process repeatedly. */
const SAMPLE_ROWS = 10_000;
const PIECE_BYTES = 256 * 1024;

/** Converts raw rows to cells only. Returns the number of cells. */
export function makeCells(rows: number): Promise<number> {
  const formatter = formatters.xlsx;
  let cells = 0;
  for (let at = 0; at < rows; at++) cells += formatter.row(contactAt(at)).length;
  return Promise.resolve(cells);
}

/** Writes raw rows as XML in a zip without compression. */
export function makeXml(rows: number): Promise<number> {
  return writeXlsx(rows, 0);
}

/** Compresses the XML on one thread. */
export function deflateXml(rows: number, level: number): Promise<number> {
  return overXml(rows, (piece) => deflateRawSync(piece, { level }).length);
}

/** Computes the CRC-32 of the XML. */
export function sumXml(rows: number): Promise<number> {
  return overXml(rows, (piece) => crc32(piece) & 1);
}

async function overXml(rows: number, step: (piece: Buffer) => number): Promise<number> {
  const xml = await sampleXml();
  const total = Math.round((xml.length * rows) / SAMPLE_ROWS);
  let done = 0;
  let result = 0;
  while (done < total) {
    const from = done % xml.length;
    const piece = xml.subarray(from, from + Math.min(PIECE_BYTES, total - done));
    result += step(piece);
    done += piece.length;
  }
  return result;
}

async function sampleXml(): Promise<Buffer> {
  const formatter = formatters.xlsx;
  const writer = createXlsxWriter({
    columns: formatter.columns,
    snapshotAt: new Date(0),
    compressionLevel: 1,
  });
  const file = buffer(writer.stream);
  for (let at = 0; at < SAMPLE_ROWS; at++) await writer.write(formatter.row(contactAt(at)));
  await writer.finish();
  const sheet = unzip(await file).find(({ name }) => name === 'xl/worksheets/sheet1.xml');
  if (sheet === undefined) throw new Error('the workbook has no sheet');
  return sheet.content;
}
