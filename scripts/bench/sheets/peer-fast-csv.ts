import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { format } from 'fast-csv';
import { readyTextRows, textRows, type PeerRows } from './peer-rows.ts';
import { CountingSink } from './sink.ts';

/** Writes the same file with fast-csv from the same raw rows. */
export function writeCsv(rows: number): Promise<number> {
  return write(textRows(), rows);
}

/** Writes texts that were formatted before the measurement with fast-csv. */
export function prepareReadyCsv(): (rows: number) => Promise<number> {
  const ready = readyTextRows();
  return (rows) => write(ready, rows);
}

async function write(source: PeerRows<string>, rows: number): Promise<number> {
  const sink = new CountingSink();
  const csv = format({ headers: [...source.headers], rowDelimiter: '\r\n', includeEndRowDelimiter: true });
  const delivered = pipeline(csv, sink);
  for (let at = 0; at < rows; at++) {
    if (!csv.write(source.at(at))) await once(csv, 'drain');
  }
  csv.end();
  await delivered;
  return sink.bytes;
}
