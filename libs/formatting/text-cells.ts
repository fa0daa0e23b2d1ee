import { decimalText } from './decimal.ts';
import { isE164 } from './guard.ts';
import type { Cell, JsonValue, TextCell } from './types.ts';

/** Turns one stored value into its cell. */
export type ToCell = (value: JsonValue | undefined) => Cell;

/** Whether there is nothing to show: the field is missing, null or the empty text. */
export function isEmpty(value: JsonValue | undefined): value is null | undefined | '' {
  return value === null || value === undefined || value === '';
}

/** Any value as text: a string as it is, a number as a plain decimal, the rest as JSON. */
export function plainText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? decimalText(value) : JSON.stringify(value);
}

/** text, text_area, email, url, id: the stored text, unchanged. */
export function textCell(value: JsonValue | undefined): Cell {
  if (typeof value === 'string') return value === '' ? null : value;
  return isEmpty(value) ? null : plainText(value);
}

/** phone: text too, but a number that is exactly E.164 starts with a `+` that does not make a formula. */
export function phoneCell(value: JsonValue | undefined): Cell {
  if (isEmpty(value)) return null;
  const text = plainText(value);
  return text.startsWith('+') && isE164(text) ? { kind: 'text', text, unguarded: true, asText: false } : text;
}

/** A type that the table does not know: the text of its JSON, so that "1" and 1 stay apart. */
export function jsonCell(value: JsonValue | undefined): Cell {
  return isEmpty(value) ? null : JSON.stringify(value);
}

/** A value that its column's type cannot hold, as the text that it is, and counted as such. */
export function fallbackCell(value: JsonValue): TextCell {
  return { kind: 'text', text: plainText(value), unguarded: false, asText: true };
}

/** A number whose digits only a text can hold. It is all digits, sign and point, so CSV does not guard it. */
export function numericTextCell(text: string): TextCell {
  return { kind: 'text', text, unguarded: true, asText: true };
}
