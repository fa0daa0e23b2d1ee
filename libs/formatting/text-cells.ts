import { decimalText } from './decimal.ts';
import { isE164 } from './guard.ts';
import type { Cell, JsonValue, TextCell } from './types.ts';

/** Turns one stored value into its cell. */
export type ToCell = (value: JsonValue | undefined) => Cell;

/** Returns whether a value is missing, null or the empty text. */
export function isEmpty(value: JsonValue | undefined): value is null | undefined | '' {
  return value === null || value === undefined || value === '';
}

/** The text of a value that has no JSON, because it is nested more deeply than the stack allows. */
const UNREADABLE = '[unreadable value]';

/** Returns any value as text: a string as it is, a number as a plain decimal, the rest as JSON. */
export function plainText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? decimalText(value) : JSON.stringify(value);
}

/** Returns the cell of a text, text_area, email, url or id: the stored text, unchanged. */
export function textCell(value: JsonValue | undefined): Cell {
  if (typeof value === 'string') return value === '' ? null : value;
  return isEmpty(value) ? null : plainText(value);
}

/** Returns the cell of a phone: text, unguarded if it is exactly E.164, whose `+` does not start a formula. */
export function phoneCell(value: JsonValue | undefined): Cell {
  if (isEmpty(value)) return null;
  const text = plainText(value);
  return isE164(text) ? { kind: 'text', text, unguarded: true, asText: false } : text;
}

/** Returns the cell of an unknown type: the text of its JSON, so that "1" and 1 differ. */
export function jsonCell(value: JsonValue | undefined): Cell {
  return isEmpty(value) ? null : JSON.stringify(value);
}

/** Returns a value that its column's type cannot hold as text that the receipt counts. */
export function fallbackCell(value: JsonValue): TextCell {
  return { kind: 'text', text: readableText(value), unguarded: false, asText: true };
}

function readableText(value: JsonValue): string {
  try {
    return plainText(value);
  } catch {
    return UNREADABLE;
  }
}

/** Returns a number whose digits only text can hold. It has only digits, sign and point, so CSV does not guard it. */
export function numericTextCell(text: string): TextCell {
  return { kind: 'text', text, unguarded: true, asText: true };
}
