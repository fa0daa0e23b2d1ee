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
  // XLSX holds the ratio, which is a hundredth and so may be too small although the percentage is not.
  if (percent !== undefined && isHeld(percent / 100)) return { kind: 'percentage', percent };
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

/**
 * Decimals of the currencies that do not have two (ISO 4217 list one). ICU follows the use of cash instead and gives COP,
 * HUF, IQD and PKR none. The rupiah is our exception: ISO counts cents, nobody does.
 */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF IDR ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
    .split(' ')
    .map(withDecimals(0)),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map(withDecimals(3)),
  ...'CLF UYW'.split(' ').map(withDecimals(4)),
]);

function withDecimals(decimals: number): (code: string) => readonly [string, number] {
  return (code) => [code, decimals];
}

const currencies = new Map<string, Currency>();

/**
 * Returns the currency of a stored code, in any case of letters.
 * @returns `undefined` when the code is not three letters.
 */
function currencyOf(stored: string): Currency | undefined {
  const found = currencies.get(stored);
  if (found !== undefined) return found;
  if (!/^[A-Za-z]{3}$/.test(stored)) return undefined;
  const code = stored.toUpperCase();
  const currency = currencies.get(code) ?? { code, decimals: DECIMALS.get(code) ?? 2 };
  currencies.set(code, currency);
  currencies.set(stored, currency);
  return currency;
}
