import { createFormatter, type Cell, type Column, type JsonValue } from '../index.ts';

/** One row of the table: a stored value, the cell that it becomes, and the text that CSV has for it. */
export interface TableCase {
  readonly title: string;
  readonly column: Partial<Column>;
  readonly value: JsonValue;
  readonly cell: Cell;
  readonly csv: string;
}

/** A column of which only what matters is said. */
export function columnOf(column: Partial<Column>): Column {
  return { name: 'field', header: 'Field', fieldType: 'text', ...column };
}

/** The first cell of a value in a format, in Jakarta; CSV has the code of a currency as a second one. */
export function firstCell(format: 'xlsx' | 'csv', column: Partial<Column>, value: JsonValue): Cell {
  const columns = [columnOf(column)];
  return createFormatter({ columns, format, timezone: 'Asia/Jakarta', locale: 'en' }).row([value])[0] ?? null;
}

/** Text in the place of a value that its column's type cannot hold. */
export function asText(text: string): Cell {
  return { kind: 'text', text, unguarded: false, asText: true };
}

/** The same for a number, whose text needs no guard. */
export function asDigits(text: string): Cell {
  return { kind: 'text', text, unguarded: true, asText: true };
}
