import { createFormatter, type Cell, type Column, type JsonValue } from '../index.ts';

/** One row of the table: a stored value, the cell that it becomes, and the text that CSV has for it. */
export interface TableCase {
  readonly title: string;
  readonly column: Partial<Column>;
  readonly value: JsonValue;
  readonly cell: Cell;
  readonly csv: string;
}

/** Returns a column with defaults for what a test does not set. */
export function columnOf(column: Partial<Column>): Column {
  return { name: 'field', header: 'Field', fieldType: 'text', ...column };
}

/** Returns the first cell of a value in a format, in Jakarta. In CSV the code of a currency is a second cell. */
export function firstCell(format: 'xlsx' | 'csv', column: Partial<Column>, value: JsonValue): Cell {
  const columns = [columnOf(column)];
  return createFormatter({ columns, format, timezone: 'Asia/Jakarta', locale: 'en' }).row([value])[0] ?? null;
}

/** Returns the text cell of a value that its column's type cannot hold. */
export function asText(text: string): Cell {
  return { kind: 'text', text, unguarded: false, asText: true };
}

/** Returns the text cell of a number, whose text needs no guard. */
export function asDigits(text: string): Cell {
  return { kind: 'text', text, unguarded: true, asText: true };
}
