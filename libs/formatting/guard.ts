import { digitsAt } from './calendar.ts';

/**
 * What makes a spreadsheet take a CSV cell for a formula: `=`, `+`, `-`, `@`, TAB, CR, LF or the full-width form of
 * one, at the start or after white space and quotes.
 */
const TRIGGER = /^[\s"'\uFF02\uFF07]*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

const PLUS = 43;

/** Returns whether a program that opens the CSV could take the text for a formula. */
export function isFormulaLike(text: string): boolean {
  return TRIGGER.test(text);
}

/**
 * Returns the text for a CSV cell: what could be taken for a formula gets a leading `'`. A text that is already
 * guarded gets one more, so that removing one always restores the text.
 */
export function guardFormula(text: string): string {
  return isFormulaLike(text) ? `'${text}` : text;
}

/**
 * Returns whether a phone number is exactly E.164, `+` and 4 to 15 digits (ITU-T), which does not calculate and so needs no
 * guard; `+1-1` is not.
 */
export function isE164(text: string): boolean {
  const digits = text.length - 1;
  return text.charCodeAt(0) === PLUS && digits >= 4 && digits <= 15 && digitsAt(text, 1, digits) >= 0;
}
