import { createFormatter, percentRatio, csvText, type Cell, type Formatter } from '@waybill/formatting';
import { columns, contactAt, POOL, TIMEZONE } from './contacts.ts';

const SECONDS_PER_DAY = 86_400;

/** A value as exceljs takes it. */
export type ExcelValue = string | number | boolean | Date | null;

/** Headers and rows that a peer can write as they are: all formatting is done before the clock starts. */
export interface ReadyRows<Value> {
  readonly formatter: Formatter;
  at(row: number): Value[];
}

/** Rows for exceljs: dates as Date, a percentage as its ratio. */
export function excelRows(): ReadyRows<ExcelValue> {
  return readyRows('xlsx', excelValue);
}

/** Rows for CSV libraries: every field as the guarded text that has to stand in the file. */
export function textRows(): ReadyRows<string> {
  return readyRows('csv', (cell) => csvText(cell) ?? '');
}

function readyRows<Value>(format: 'xlsx' | 'csv', convert: (cell: Cell) => Value): ReadyRows<Value> {
  const formatter = createFormatter({ columns, format, timezone: TIMEZONE, locale: 'en' });
  const pool = Array.from({ length: POOL }, (_, at) => formatter.row(contactAt(at)).map(convert));
  return { formatter, at: (row) => pool[row % POOL] ?? [] };
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
      return new Date(cell.day * SECONDS_PER_DAY * 1000);
    case 'datetime':
      return new Date((cell.day * SECONDS_PER_DAY + cell.second) * 1000);
  }
}
