import type { Measurement, Task } from './contenders.ts';
import { measure, median } from './measure.ts';

const NAMES: Readonly<Record<string, string>> = {
  'fast-csv-ready': 'fast-csv, its texts made beforehand',
  'limit-cells': 'limit: rows to cells',
  'limit-xml': 'limit: rows to XML, not compressed',
  'limit-crc': 'limit: CRC-32 of the XML',
  'limit-deflate': 'limit: deflate of the XML, one thread',
  'waybill-xlsx-1': 'waybill-xlsx, 1 writer with batches',
  'waybill-xlsx-6': 'waybill-xlsx, 6 writers with batches',
  'waybill-xlsx-12': 'waybill-xlsx, 12 writers with batches',
};

const COLUMNS: readonly { readonly title: string; readonly cell: (series: Series) => string }[] = [
  { title: 'what', cell: ({ task }) => NAMES[task.contender] ?? task.contender },
  { title: 'level', cell: ({ task }) => (task.level === 0 ? '' : String(task.level)) },
  { title: 'rows', cell: ({ task }) => task.rows.toLocaleString('en') },
  { title: 'process s', cell: seconds(({ wallMs }) => wallMs) },
  { title: 'writing s', cell: seconds(({ workMs }) => workMs) },
  { title: 'CPU s', cell: seconds(({ cpuMs }) => cpuMs) },
  { title: 'peak RSS MB', cell: (series) => typical(series, ({ rssMb }) => rssMb).toFixed(0) },
  { title: 'longest stall ms', cell: (series) => typical(series, ({ stallMs }) => stallMs).toFixed(0) },
  {
    title: 'zstd p99 ms',
    cell: (series) =>
      series.task.contender.startsWith('waybill-xlsx-')
        ? typical(series, ({ zstdP99Ms = NaN }) => zstdP99Ms).toFixed(0)
        : '',
  },
  { title: 'MB', cell: (series) => (typical(series, ({ bytes }) => bytes) / 1e6).toFixed(1) },
];

/** Prints the medians as a Markdown table. */
export function printTable(races: readonly Series[]): void {
  const lines = races.map((series) => COLUMNS.map(({ cell }) => cell(series)));
  console.log(row(COLUMNS.map(({ title }) => title)));
  console.log(row(COLUMNS.map(() => '---')));
  for (const line of lines) console.log(row(line));
}

function seconds(of: (sample: Measurement) => number): (series: Series) => string {
  return (series) => (typical(series, of) / 1000).toFixed(2);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A task and its measurements, one per round. */
export interface Series {
  readonly task: Task;
  readonly measurements: readonly Measurement[];
}

/**
 * Runs all tasks once per round, in turn, so that load on the machine affects all of them. A first round with few rows
 * fills the compile cache and is not measured.
 */
export async function interleave(tasks: readonly Task[], rounds: number): Promise<readonly Series[]> {
  for (const task of tasks) await measure({ ...task, rows: 100 });
  const series = tasks.map((task) => ({ task, measurements: [] as Measurement[] }));
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`);
    for (const { task, measurements } of series) measurements.push(await measure(task));
  }
  return series;
}

/** Returns the median over the rounds of our measure divided by theirs in the same round. */
export function pairedRatio(ours: Series, theirs: Series, of: (sample: Measurement) => number): number {
  return median(
    ours.measurements.map((sample, round) => {
      const other = theirs.measurements[round];
      return other === undefined ? NaN : of(sample) / of(other);
    }),
  );
}

/** Returns the median of one measure of a series. */
export function typical(series: Series, of: (sample: Measurement) => number): number {
  return median(series.measurements.map(of));
}
