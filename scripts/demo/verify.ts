import ExcelJS from 'exceljs';
import type { Format } from '@waybill/domain';
import { waitFor } from '@waybill/testbed';
import { parseStream } from 'fast-csv';
import { createReadStream } from 'node:fs';
import type { ExportClient } from './client.ts';
import type { FinishedExport } from './export-once.ts';
import type { DemoOptions } from './options.ts';

/** The content of a file, read with another library. */
export interface ReadBack {
  readonly header: readonly string[];
  /** The first cell of every row, in order. */
  readonly ids: readonly string[];
  /** Names of the sheets. Empty for CSV. */
  readonly sheets: readonly string[];
}

async function readXlsx(path: string): Promise<ReadBack> {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.readFile(path);
  const sheets = workbook.worksheets.map((sheet) => sheet.name);
  const contacts = workbook.worksheets.filter((sheet) => sheet.name !== sheets.at(-1));
  const ids: string[] = [];
  let header: string[] = [];
  for (const sheet of contacts) {
    sheet.eachRow((row, number) => {
      if (number > 1) ids.push(row.getCell(1).text);
      else header = Array.from({ length: row.cellCount }, (_, index) => row.getCell(index + 1).text);
    });
  }
  return { header, ids, sheets };
}

async function readCsv(path: string, delimiter: string): Promise<ReadBack> {
  const ids: string[] = [];
  let header: readonly string[] | undefined;
  const rows: AsyncIterable<readonly string[]> = parseStream(createReadStream(path), { delimiter });
  for await (const row of rows) {
    if (header === undefined) header = row;
    else ids.push(row[0] ?? '');
  }
  return { header: header ?? [], ids, sheets: [] };
}

/** Reads a file with exceljs or fast-csv. The first column must be the contact id. */
export function readBack(path: string, format: Format, delimiter = ','): Promise<ReadBack> {
  return format === 'xlsx' ? readXlsx(path) : readCsv(path, delimiter);
}

/** One check and its result. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
}

export interface Verified {
  readonly checks: readonly Check[];
  readonly emails: number;
  readonly notifications: number;
  readonly historyEntries: number;
}

/** Deliveries follow within milliseconds of the file. The limit is for slow machines. */
const deliveryLimitMs = 30_000;

/** Checks that the file contains the seeded contacts, and that there is one email, one notification and one entry. */
export async function verifyExport(
  client: ExportClient,
  exported: FinishedExport,
  options: DemoOptions,
  expected: { readonly ids: readonly string[]; readonly email: string },
): Promise<Verified> {
  const { receipt, jobId } = exported;
  const file = await readBack(exported.path, options.format);
  const delivered = await deliveries(client, jobId, expected.email);
  const checks: Check[] = [
    check(
      'matched = written + skipped',
      receipt.matched === receipt.written + receipt.skipped,
      counts(receipt),
    ),
    check(
      'the receipt counts every seeded contact',
      receipt.written === options.rows,
      `${receipt.written} written`,
    ),
    check(
      'the file has as many rows as the receipt',
      file.ids.length === receipt.written,
      `${file.ids.length} rows`,
    ),
    check(
      'the ids are those of the contacts, in order',
      sameOrder(file.ids, expected.ids),
      firstAndLast(file.ids),
    ),
    check(
      'one column or more for each field',
      file.header.length >= exported.fields.length,
      `${file.header.length} columns`,
    ),
    check('one email', delivered.emails === 1, `${delivered.emails} to ${expected.email}`),
    check('one notification', delivered.notifications === 1, `${delivered.notifications}`),
    check('one history entry', delivered.historyEntries === 1, `${delivered.historyEntries}`),
  ];
  if (options.format === 'xlsx') {
    checks.push(
      check('the last sheet is the receipt', file.sheets.at(-1) === 'Receipt', file.sheets.join(', ')),
    );
  }
  return { checks, ...delivered };
}

async function deliveries(
  client: ExportClient,
  jobId: string,
  email: string,
): Promise<Omit<Verified, 'checks'>> {
  const look = async (): Promise<Omit<Verified, 'checks'>> => ({
    emails: await client.emails(email, jobId),
    notifications: await client.notifications(jobId),
    historyEntries: await client.historyEntries(jobId),
  });
  const first = await waitFor(
    async () => {
      const found = await look();
      return found.emails > 0 && found.notifications > 0 && found.historyEntries > 0 ? found : undefined;
    },
    { limitMs: deliveryLimitMs, everyMs: 50, what: 'email, notification and history entry' },
  ).catch(look);
  return first;
}

function check(what: string, ok: boolean, found: string): Check {
  return { what, ok, found };
}

function counts(receipt: FinishedExport['receipt']): string {
  return `${receipt.matched} = ${receipt.written} + ${receipt.skipped}`;
}

function sameOrder(found: readonly string[], expected: readonly string[]): boolean {
  return found.length === expected.length && found.every((id, index) => id === expected[index]);
}

function firstAndLast(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : `${ids[0] ?? ''} … ${ids.at(-1) ?? ''}`;
}
