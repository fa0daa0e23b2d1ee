/**
 * What other programs read in our files: writes hostile files and reads them with every reader that is installed.
 * `npm run readers [-- --python PATH]`; docs/measurements/sheets.md has a run of it. The Python readers are installed by
 * `pip install openpyxl python-calamine pandas polars fastexcel duckdb xlsx2csv`.
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import ExcelJS from 'exceljs';
import { guardFormula } from '@waybill/formatting';
import { createCsvWriter, createXlsxWriter, type SheetWriter } from '@waybill/sheet';
import { columns, hostileRows, type HostileRow } from './readers/rows.ts';

const run = promisify(execFile);
const { values } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });

/** A file as a reader sees it: rows without the header, in the order of the columns. */
interface Reading {
  readonly version: string;
  readonly rows: readonly (readonly unknown[])[];
}

const NOT_INSTALLED = 3;
/** exceljs does not say its version; package.json pins it. */
const EXCELJS_VERSION = '4.4.0';
const rows = hostileRows();
const folder = await mkdtemp(join(tmpdir(), 'waybill-readers-'));
const snapshotAt = new Date('2026-11-24T03:49:44Z');
const files = {
  xlsx: join(folder, 'full.xlsx'),
  short: join(folder, 'short.xlsx'),
  csv: join(folder, 'file.csv'),
};

try {
  await write(createXlsxWriter({ columns, snapshotAt }), files.xlsx);
  await write(createXlsxWriter({ columns, snapshotAt, omitReferences: true }), files.short);
  await write(createCsvWriter({ columns }), files.csv);
  await printXlsx();
  await printCsv();
} finally {
  await rm(folder, { recursive: true });
}

async function write(writer: SheetWriter, path: string): Promise<void> {
  const stored = pipeline(writer.stream, createWriteStream(path));
  for (const { cells } of rows) await writer.write(cells);
  await writer.finish();
  await stored;
}

async function printXlsx(): Promise<void> {
  const readers = ['openpyxl', 'calamine', 'pandas', 'polars', 'duckdb', 'xlsx2csv'];
  print(['XLSX reader', 'texts', 'numbers', 'dates', 'instants', 'flags', 'with omitted references']);
  for (const name of readers) await printXlsxReader(name, (path) => byPython(name, path));
  await printXlsxReader('exceljs', byExcelJs);
  await printXlsxReader('exceljs, streaming', byExcelJsStream);
  await printXlsxReader('LibreOffice', byLibreOffice);
}

async function printXlsxReader(name: string, read: (path: string) => Promise<Reading | undefined>) {
  const full = await outcome(() => read(files.xlsx));
  if (full === undefined || full instanceof Error) {
    print([name, full === undefined ? 'not installed' : `fails: ${firstLine(full)}`]);
    return;
  }
  const short = await outcome(() => read(files.short));
  const isSame = !(short instanceof Error) && JSON.stringify(short?.rows) === JSON.stringify(full.rows);
  const omitted = short instanceof Error ? `fails: ${firstLine(short)}` : isSame ? 'the same' : 'differs';
  print([`${name} ${full.version}`, ...scores(full), omitted]);
}

async function printCsv(): Promise<void> {
  print(['CSV reader', 'texts', 'rows']);
  for (const name of ['csv', 'pandas-csv', 'polars-csv', 'duckdb-csv']) {
    const reading = await outcome(() => byPython(name, files.csv));
    if (reading === undefined) print([name, 'not installed']);
    else if (reading instanceof Error) print([name, `fails: ${firstLine(reading)}`]);
    else print([`${name} ${reading.version}`, right(reading, 0, csvText), `${reading.rows.length}`]);
  }
}

/** Returns how many cells of each column are read as they were written. */
function scores(reading: Reading): readonly string[] {
  return [
    right(reading, 0, ({ text }) => text),
    right(reading, 1, ({ number }) => number),
    right(reading, 2, ({ date }) => date),
    right(reading, 3, ({ instant }) => instant),
    right(reading, 4, ({ flag }) => flag),
  ];
}

function right(reading: Reading, column: number, expected: (row: HostileRow) => unknown): string {
  const hits = rows.filter((row, at) => isEqual(reading.rows[at]?.[column], expected(row)));
  return `${hits.length} of ${rows.length}`;
}

/** Compares a value with what was written. Readers differ in the form of times and flags, not in what they mean. */
function isEqual(read: unknown, expected: unknown): boolean {
  if (read === expected) return true;
  const text = JSON.stringify(read ?? null).replace(/^"|"$/g, '');
  if (typeof expected === 'number') return Number(text.replaceAll(',', '')) === expected;
  if (typeof expected === 'boolean') return /^(true|1)$/i.test(text) === expected;
  if (typeof expected !== 'string' || !/^\d{4}-\d\d-\d\d(T|$)/.test(expected)) return false;
  // Midnight is a day to some readers, and a day is midnight to others.
  const instant = text.replace(' ', 'T').replace(/(\.0+)?Z?$/, '');
  return instant === expected || `${instant}T00:00:00` === expected || instant === `${expected}T00:00:00`;
}

/** The text of a CSV field: nothing is cut, and what looks like a formula has an apostrophe. */
function csvText({ cells, text }: HostileRow): string {
  const [written] = cells;
  const isCut = typeof written === 'string' && written.length > text.length;
  return guardFormula(isCut ? written : text);
}

async function byPython(name: string, path: string): Promise<Reading | undefined> {
  const script = join(import.meta.dirname, 'readers', 'read.py');
  try {
    const { stdout } = await run(values.python, [script, name, path], { maxBuffer: 2 ** 28 });
    return JSON.parse(stdout) as Reading; // read.py prints a Reading
  } catch (error) {
    const { code } = error as { code?: unknown }; // a failed process has its exit code, a missing one ENOENT
    if (code === NOT_INSTALLED || code === 'ENOENT') return undefined;
    throw error;
  }
}

async function byExcelJs(path: string): Promise<Reading> {
  const workbook = await new ExcelJS.Workbook().xlsx.readFile(path);
  const [sheet] = workbook.worksheets;
  const read = rows.map((_, at) => columns.map((__, column) => sheet?.getCell(at + 2, column + 1).value));
  return { version: EXCELJS_VERSION, rows: read.map((row) => row.map(toSecond)) };
}

async function byExcelJsStream(path: string): Promise<Reading> {
  const read: unknown[][] = [];
  const options = { sharedStrings: 'cache', styles: 'cache', worksheets: 'emit' } as const;
  for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader(path, options)) {
    for await (const row of sheet) read.push(columns.map((_, at) => toSecond(row.getCell(at + 1).value)));
    break;
  }
  return { version: EXCELJS_VERSION, rows: read.slice(1) };
}

/** exceljs makes dates to the millisecond of the serial number, which may be one less than was meant. */
function toSecond(value: unknown): unknown {
  return value instanceof Date ? new Date(Math.round(value.getTime() / 1000) * 1000).toISOString() : value;
}

/** LibreOffice converts to CSV, with texts quoted and every cell as it is shown. */
async function byLibreOffice(path: string): Promise<Reading | undefined> {
  const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false';
  try {
    const { stdout } = await run('soffice', ['--version']);
    await run('soffice', ['--headless', '--convert-to', filter, '--outdir', folder, path]);
    const csv = path.replace(/xlsx$/, 'csv');
    const reading = await byPython('csv', csv);
    const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '';
    return reading === undefined ? undefined : { version, rows: reading.rows };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined; // as in byPython
    throw error;
  }
}

async function outcome(read: () => Promise<Reading | undefined>): Promise<Reading | Error | undefined> {
  try {
    return await read();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function firstLine({ message }: Error): string {
  return message.trim().split('\n').at(-1)?.slice(0, 100) ?? '';
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}
