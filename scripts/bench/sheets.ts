/**
 * Compares time and memory of our sheet writers with those of libraries: separate processes, the same raw rows, 30 mixed
 * columns, styled. docs/measurements/sheets.md has the results of a run.
 * `npm run bench -- sheets [--rows N] [--rounds N] [--json]`
 */
import { parseArgs } from 'node:util';
import type { Contender, Measurement, Task } from './sheets/contenders.ts';
import { measure } from './sheets/measure.ts';
import { interleave, pairedRatio, typical, type Series } from './sheets/rounds.ts';
import { printTable } from './sheets/rounds.ts';

const MEMORY_ROWS = { small: 100_000, large: 1_000_000 };
const STALL_ROWS = 10_000;
/** Shared by the writers of one process: six usual exports. */
const NEIGHBOUR_ROWS = 60_000;
const SMALL_HEAP = '--max-old-space-size=64';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const task = (contender: Contender, level = 0): Task => ({ contender, level, rows });

const races = await interleave(
  [
    task('waybill-xlsx', 6),
    task('exceljs', 6),
    task('waybill-xlsx', 5),
    task('waybill-xlsx', 1),
    task('exceljs', 1),
    task('waybill-csv'),
    task('fast-csv'),
    task('fast-csv-ready'),
    task('csv-stringify'),
    task('limit-cells'),
    task('limit-xml'),
    task('limit-crc'),
    task('limit-deflate', 6),
    task('limit-deflate', 1),
  ],
  Number(values.rounds),
);

console.error('writers in one process');
const neighbours = await interleave(
  (['waybill-xlsx-1', 'waybill-xlsx-6', 'waybill-xlsx-12'] as const).map((contender) => ({
    ...task(contender, 6),
    rows: NEIGHBOUR_ROWS,
  })),
  Number(values.rounds),
);

console.error('memory');
const small = await memory(MEMORY_ROWS.small);
const large = await memory(MEMORY_ROWS.large);
console.error('stalls');
const stalls = await stallRuns();

const wall = ({ wallMs }: Measurement) => wallMs;
const work = ({ workMs }: Measurement) => workMs;
const xlsx = find('waybill-xlsx', 6);
const csv = find('waybill-csv', 0);
const fastCsv = find('fast-csv', 0);
const six = find('waybill-xlsx-6', 6);
const result = {
  xlsx_level6_vs_exceljs: round(pairedRatio(xlsx, find('exceljs', 6), wall), 3),
  xlsx_level1_vs_exceljs: round(pairedRatio(find('waybill-xlsx', 1), find('exceljs', 1), wall), 3),
  csv_vs_fast_csv: round(pairedRatio(csv, fastCsv, wall), 3),
  csv_vs_fast_csv_writing: round(pairedRatio(csv, fastCsv, work), 3),
  rss_mb_100k: round(
    highest(small, ({ rssMb }) => rssMb),
    1,
  ),
  rss_mb_1m: round(
    highest(large, ({ rssMb }) => rssMb),
    1,
  ),
  max_stall_ms: round(
    highest(stalls, ({ stallMs }) => stallMs),
    1,
  ),
  max_stall_ms_6_writers: round(
    typical(six, ({ stallMs }) => stallMs),
    1,
  ),
  zstd_p99_ms_6_writers: round(
    typical(six, ({ zstdP99Ms = NaN }) => zstdP99Ms),
    1,
  ),
  rows_per_s: Math.round(rows / (typical(xlsx, work) / 1000)),
};

if (!values.json) printTable([...races, ...neighbours]);
console.log(JSON.stringify(result));

/** Returns the tasks of our writers for a number of rows, with the default heap and with a small one. */
async function memory(size: number): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const contender of ['waybill-xlsx', 'waybill-csv'] as const) {
    for (const flags of [[], [SMALL_HEAP]]) {
      measurements.push(await measure({ contender, rows: size, level: 6 }, flags));
    }
  }
  return measurements;
}

/** Our writers with the rows of a typical export. */
async function stallRuns(): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const contender of ['waybill-xlsx', 'waybill-csv'] as const) {
    measurements.push(await measure({ contender, rows: STALL_ROWS, level: 6 }));
  }
  return measurements;
}

function find(contender: Contender, level: number): Series {
  const series = [...races, ...neighbours].find(
    ({ task: own }) => own.contender === contender && own.level === level,
  );
  if (series === undefined) throw new Error(`${contender} at level ${level} was not measured`);
  return series;
}

function highest(measurements: readonly Measurement[], of: (sample: Measurement) => number): number {
  return Math.max(...measurements.map(of));
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
