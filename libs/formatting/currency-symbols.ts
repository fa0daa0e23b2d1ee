import type { FormatterOptions } from './types.ts';

type Locale = FormatterOptions['locale'];

/** A number format of ECMA-376 §18.8.31 gives these a meaning of their own within `[$…]`. */
const RESERVED = /[[\]\-"\\;]/;

const kept = new Map<Locale, (code: string) => string>();

/**
 * Returns the function from a currency's code to the symbol that readers of a language know: `Rp`, `US$`. It returns the code
 * where the language has no symbol, or only one that several currencies share.
 */
export function currencySymbols(locale: Locale): (code: string) => string {
  const known = kept.get(locale);
  if (known !== undefined) return known;
  const symbols = uniqueSymbols(locale);
  const symbolOf = (code: string) => symbols.get(code) ?? code;
  kept.set(locale, symbolOf);
  return symbolOf;
}

/** Returns the symbols of all currencies. It takes about 20 ms, so a process does it once per language. */
function uniqueSymbols(locale: Locale): ReadonlyMap<string, string> {
  const codes = Intl.supportedValuesOf('currency');
  const own = codes.map((code) => symbolOf(locale, code, 'symbol'));
  const narrow = codes.map((code) => symbolOf(locale, code, 'narrowSymbol'));
  return new Map(
    codes.flatMap((code, at) => {
      const symbol = own[at] === code ? uniqueOf(narrow, at) : own[at];
      return symbol === undefined || RESERVED.test(symbol) ? [] : [[code, symbol] as const];
    }),
  );
}

/** Returns the element at an index, if no other element is equal. */
function uniqueOf(symbols: readonly string[], at: number): string | undefined {
  const symbol = symbols[at];
  if (symbol === undefined || symbols.indexOf(symbol) !== symbols.lastIndexOf(symbol)) return undefined;
  return symbol;
}

function symbolOf(locale: Locale, currency: string, currencyDisplay: 'symbol' | 'narrowSymbol'): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay });
  return format.formatToParts(1).find(({ type }) => type === 'currency')?.value ?? currency;
}
