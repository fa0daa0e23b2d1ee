import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { textRows } from './ready-rows.ts';
import { CountingSink } from './sink.ts';

const ready = textRows();

/** The same file by csv-stringify, from texts that are ready for it. */
export async function writeCsv(rows: number): Promise<number> {
  const sink = new CountingSink();
  const csv = stringify({ record_delimiter: '\r\n' });
  const delivered = pipeline(csv, sink);
  csv.write([...ready.formatter.headers]);
  for (let at = 0; at < rows; at++) {
    if (!csv.write(ready.at(at))) await once(csv, 'drain');
  }
  csv.end();
  await delivered;
  return sink.bytes;
}
