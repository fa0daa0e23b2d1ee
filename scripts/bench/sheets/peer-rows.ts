import { createFormatter, csvText, percentRatio, type Cell, type Formatter } from '@waybill/formatting';
import { columns, contactAt, POOL, TIMEZONE } from './contacts.ts';

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
  const formatter = formatterFor('xlsx');
  return { headers: formatter.headers, at: (row) => formatter.row(contactAt(row)).map(excelValue) };
}

/** Returns raw rows as the texts of a CSV file with the formula guard. The library adds quotes. */
export function textRows(): PeerRows<string> {
  const formatter = formatterFor('csv');
  return { headers: formatter.headers, at: (row) => formatter.row(contactAt(row)).map(textOf) };
}

/** Returns the same texts, formatted before the measurement. The library only joins and quotes them. */
export function readyTextRows(): PeerRows<string> {
  const { headers, at } = textRows();
  const pool = Array.from({ length: POOL }, (_, row) => at(row));
  return { headers, at: (row) => pool[row % POOL] ?? [] };
}

function formatterFor(format: 'xlsx' | 'csv'): Formatter {
  return createFormatter({ columns, format, timezone: TIMEZONE, locale: 'en' });
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
