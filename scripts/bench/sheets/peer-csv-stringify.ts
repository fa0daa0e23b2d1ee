import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { textRows } from './peer-rows.ts';
import { CountingSink } from './sink.ts';

/** Writes the same file with csv-stringify from the same raw rows. */
export async function writeCsv(rows: number): Promise<number> {
  const source = textRows();
  const sink = new CountingSink();
  const csv = stringify({ record_delimiter: '\r\n' });
  const delivered = pipeline(csv, sink);
  csv.write([...source.headers]);
  for (let at = 0; at < rows; at++) {
    if (!csv.write(source.at(at))) await once(csv, 'drain');
  }
  csv.end();
  await delivered;
  return sink.bytes;
}
