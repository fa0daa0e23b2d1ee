import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isContender, type Contender, type Sample } from './contenders.ts';

/**
 * Runs one contender: `node process.ts CONTENDER ROWS LEVEL`. Loads only the code of that contender, so that the code of
 * the others does not affect the measurement.
 */
type Run = (rows: number, level: number) => Promise<number>;

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
};
console.log(JSON.stringify(sample));
