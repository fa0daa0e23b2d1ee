import { createReadStream } from 'node:fs';
import type { Format } from '@waybill/domain';
import ExcelJS from 'exceljs';
import { parseStream } from 'fast-csv';

/** What a reader that is not ours finds in a file. */
export interface ReadBack {
  readonly header: readonly string[];
  /** The first cell of every row, in order. */
  readonly ids: readonly string[];
  /** Names of the sheets; none for CSV. */
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

/** Reads a file with exceljs or fast-csv. The first column is expected to hold the contact's id. */
export function readBack(path: string, format: Format, delimiter = ','): Promise<ReadBack> {
  return format === 'xlsx' ? readXlsx(path) : readCsv(path, delimiter);
}
