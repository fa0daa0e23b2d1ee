import { unzip } from '@waybill/fixtures';
import ExcelJS from 'exceljs';

/** Reads a workbook with exceljs. */
export async function readWorkbook(bytes: Buffer): Promise<ExcelJS.Workbook> {
  const workbook = new ExcelJS.Workbook();
  // exceljs' own declaration of Buffer is older than Node's.
  await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
  return workbook;
}

/** Returns the first sheet of a workbook. @throws Error if the workbook has no sheet */
export function firstSheet(workbook: ExcelJS.Workbook): ExcelJS.Worksheet {
  const [sheet] = workbook.worksheets;
  if (sheet === undefined) throw new Error('the workbook has no sheet');
  return sheet;
}

/** Returns the values of a sheet's cells, row by row, the header row included; empty cells are null. */
export function valuesOf(sheet: ExcelJS.Worksheet): readonly (readonly ExcelJS.CellValue[])[] {
  return Array.from({ length: sheet.rowCount }, (_, row) =>
    Array.from({ length: sheet.columnCount }, (__, column) => sheet.getCell(row + 1, column + 1).value),
  );
}

/** Returns a part of a workbook as text. */
export function partOf(bytes: Buffer, path: string): string {
  const part = unzip(bytes).find(({ name }) => name === path);
  if (part === undefined) throw new Error(`no part ${path}`);
  return part.content.toString();
}
