import { decimalText, heldNumber, isDecimal, isHeld, plainDecimal } from './decimal.ts';
import { longAmountText } from './text-form.ts';
import { fallbackCell, isEmpty, numericTextCell, plainText } from './text-cells.ts';
import type { Cell, Currency, JsonValue } from './types.ts';

/** Returns the cell of a number: a plain number, or the text of digits that a sheet cannot hold. */
export function numberCell(value: JsonValue | undefined): Cell {
  if (isEmpty(value)) return null;
  const held = heldValue(value);
  if (held !== undefined) return held;
  const digits = decimalOf(value);
  return digits === undefined ? fallbackCell(value) : numericTextCell(digits);
}

/** Returns the cell of a percentage: 12.5 means 12.5 %. */
export function percentageCell(value: JsonValue | undefined): Cell {
  if (isEmpty(value)) return null;
  const percent = heldValue(value);
  if (percent !== undefined) return { kind: 'percentage', percent };
  const digits = decimalOf(value);
  return digits === undefined ? fallbackCell(value) : numericTextCell(`${digits}%`);
}

/** Returns the cell of a currency for XLSX, where the cell's format shows the code. */
export function currencyCell(value: JsonValue | undefined): Cell {
  const { amount, code } = moneyOf(value);
  if (isEmpty(amount)) return null;
  const currency = code === undefined ? undefined : currencyOf(code);
  const held = heldValue(amount);
  if (held !== undefined && currency !== undefined) return { kind: 'currency', value: held, currency };
  if (held !== undefined && code === undefined) return held;
  // What is left has no number format to carry its code, so the code stands in the text.
  const text = decimalOf(amount) ?? plainText(amount);
  return fallbackCell(code === undefined ? text : `${code} ${text}`);
}

/** Returns the cell of a currency for CSV, where the code has a column of its own. */
export function amountCell(value: JsonValue | undefined): Cell {
  const { amount, code } = moneyOf(value);
  if (isEmpty(amount)) return null;
  const currency = code === undefined ? undefined : currencyOf(code);
  const held = heldValue(amount);
  if (held !== undefined) return currency === undefined ? held : { kind: 'currency', value: held, currency };
  const digits = decimalOf(amount);
  return digits === undefined
    ? fallbackCell(amount)
    : numericTextCell(longAmountText(digits, currency?.decimals ?? 0));
}

/** Returns the cell of an amount's code, in capitals if it is valid; empty without an amount. */
export function currencyCodeCell(value: JsonValue | undefined): Cell {
  const { amount, code } = moneyOf(value);
  if (isEmpty(amount) || code === undefined) return null;
  return currencyOf(code)?.code ?? code;
}

/** Splits stored money, `{value, currency_code}`; a bare number has no code. */
function moneyOf(stored: JsonValue | undefined): { amount: JsonValue | undefined; code: string | undefined } {
  if (stored === null || typeof stored !== 'object' || !('value' in stored)) {
    return { amount: stored, code: undefined };
  }
  const code = stored['currency_code'];
  return { amount: stored['value'], code: isEmpty(code) ? undefined : plainText(code) };
}

function heldValue(value: JsonValue): number | undefined {
  if (typeof value === 'number') return isHeld(value) ? value : undefined;
  return typeof value === 'string' ? heldNumber(value) : undefined;
}

/** Returns the plain decimal text of a number or of a decimal string. */
function decimalOf(value: JsonValue): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? decimalText(value) : undefined;
  return typeof value === 'string' && isDecimal(value) ? plainDecimal(value) : undefined;
}

/** ISO 4217 counts cents for the rupiah, which nobody does; older ICU data follows ISO. */
const OWN_DECIMALS: Readonly<Record<string, number>> = { IDR: 0 };

const currencies = new Map<string, Currency>();

/**
 * Returns the currency of a stored code, in any case of letters, with the decimals that ICU knows for it.
 * @returns `undefined` when the code is not three letters.
 */
function currencyOf(code: string): Currency | undefined {
  const found = currencies.get(code);
  if (found !== undefined) return found;
  if (!/^[A-Za-z]{3}$/.test(code)) return undefined;
  const currency = describeCurrency(code.toUpperCase());
  currencies.set(code, currency);
  return currency;
}

function describeCurrency(code: string): Currency {
  const shared = currencies.get(code);
  if (shared !== undefined) return shared;
  const options = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions();
  const currency = { code, decimals: OWN_DECIMALS[code] ?? options.maximumFractionDigits ?? 2 };
  currencies.set(code, currency);
  return currency;
}
