import { csvText, percentRatio, type Cell } from '@waybill/formatting';
import { contactAt, formatters, POOL } from './contacts.ts';

const SECONDS_PER_DAY = 86_400;

/** A value in the form of exceljs. */
export type ExcelValue = string | number | boolean | Date | null;

/** Rows in the form of a library, with their headers. */
export interface PeerRows<Value> {
  readonly headers: readonly string[];
  readonly at: (row: number) => Value[];
}

/** Returns raw rows in the form of exceljs: dates as Date, a percentage as its ratio. */
export function excelRows(): PeerRows<ExcelValue> {
  const { headers, row } = formatters.xlsx;
  return { headers, at: (at) => row(contactAt(at)).map(excelValue) };
}

/** Returns raw rows as the texts of a CSV file with the formula guard. The library adds quotes. */
export function textRows(): PeerRows<string> {
  const { headers, row } = formatters.csv;
  return { headers, at: (at) => row(contactAt(at)).map(textOf) };
}

/** Returns the same texts, formatted before the measurement. The library only joins and quotes them. */
export function readyTextRows(): PeerRows<string> {
  const { headers, at } = textRows();
  const pool = Array.from({ length: POOL }, (_, row) => at(row));
  return { headers, at: (row) => pool[row % POOL] ?? [] };
}

function textOf(cell: Cell): string {
  return csvText(cell) ?? '';
}

function excelValue(cell: Cell): ExcelValue {
  if (cell === null || typeof cell !== 'object') return cell;
  switch (cell.kind) {
    case 'text':
      return cell.text;
    case 'percentage':
      return percentRatio(cell.percent);
    case 'currency':
      return cell.value;
    case 'date':
    case 'datetime':
      return new Date((cell.day * SECONDS_PER_DAY + cell.second) * 1000);
  }
}
