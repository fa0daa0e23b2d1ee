import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { format } from 'fast-csv';
import { textRows } from './ready-rows.ts';
import { CountingSink } from './sink.ts';

const ready = textRows();

/** The same file by fast-csv, from texts that are ready for it. */
export async function writeCsv(rows: number): Promise<number> {
  const sink = new CountingSink();
  const csv = format({
    headers: [...ready.formatter.headers],
    rowDelimiter: '\r\n',
    includeEndRowDelimiter: true,
  });
  const delivered = pipeline(csv, sink);
  for (let at = 0; at < rows; at++) {
    if (!csv.write(ready.at(at))) await once(csv, 'drain');
  }
  csv.end();
  await delivered;
  return sink.bytes;
}
