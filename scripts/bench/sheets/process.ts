import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isContender, type Contender, type Sample } from './contenders.ts';

/**
 * Runs one contender: `node process.ts CONTENDER ROWS LEVEL`. Loads only the code of that contender, so that the code of
 * the others does not affect the measurement.
 */
type Run = (rows: number, level: number) => Promise<number>;

const zstdMs: number[] = [];

/** Rows that warm a process up: services have compiled their code long before. */
const WARM_UP_ROWS = 2_000;

/** Several writers in one process share the rows. */
async function together(writers: number): Promise<Run> {
  const { writeTogether } = await import('./neighbours.ts');
  await writeTogether(writers, { rows: WARM_UP_ROWS, level: 6 });
  return async (rows, level) => {
    const written = await writeTogether(writers, { rows: Math.ceil(rows / writers), level });
    zstdMs.push(...written.zstdMs);
    return written.bytes;
  };
}

const LOADERS: Readonly<Record<Contender, () => Promise<Run>>> = {
  'waybill-xlsx': async () => (await import('./waybill.ts')).writeXlsx,
  'waybill-csv': async () => (await import('./waybill.ts')).writeCsv,
  exceljs: async () => (await import('./peer-exceljs.ts')).writeXlsx,
  'fast-csv': async () => (await import('./peer-fast-csv.ts')).writeCsv,
  'fast-csv-ready': async () => (await import('./peer-fast-csv.ts')).prepareReadyCsv(),
  'csv-stringify': async () => (await import('./peer-csv-stringify.ts')).writeCsv,
  'limit-cells': async () => (await import('./limits.ts')).makeCells,
  'limit-xml': async () => (await import('./limits.ts')).makeXml,
  'limit-deflate': async () => (await import('./limits.ts')).deflateXml,
  'limit-crc': async () => (await import('./limits.ts')).sumXml,
  'waybill-xlsx-1': () => together(1),
  'waybill-xlsx-6': () => together(6),
  'waybill-xlsx-12': () => together(12),
};

const [contender, rows, level] = process.argv.slice(2);
if (!isContender(contender)) throw new Error(`No contender is called ${contender ?? '(nothing)'}.`);
const run = await LOADERS[contender]();

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const start = performance.now();
const bytes = await run(Number(rows), Number(level));
const workMs = performance.now() - start;
delay.disable();

const usage = process.resourceUsage();
const sample: Sample = {
  bytes,
  workMs,
  cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1000,
  rssMb: usage.maxRSS / 1024,
  // The histogram is empty if the event loop never ran.
  stallMs: delay.count === 0 ? workMs : delay.max / 1e6,
  ...(zstdMs.length === 0
    ? {}
    : { zstdP99Ms: zstdMs.sort((a, b) => a - b)[Math.floor(zstdMs.length * 0.99)] ?? 0 }),
};
console.log(JSON.stringify(sample));
