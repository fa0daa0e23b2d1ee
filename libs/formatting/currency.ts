import type { Currency } from './types.ts';

/** ISO 4217 counts cents for the rupiah, which nobody does; older ICU data follows ISO. */
const OWN_DECIMALS: Readonly<Record<string, number>> = { IDR: 0 };

const known = new Map<string, Currency>();

/**
 * The currency of a stored code, in any case of letters, with the decimals that ICU knows for it.
 * @returns `undefined` when the code is not three letters.
 */
export function currencyOf(code: string): Currency | undefined {
  const found = known.get(code);
  if (found !== undefined) return found;
  if (!/^[A-Za-z]{3}$/.test(code)) return undefined;
  const currency = describe(code.toUpperCase());
  known.set(code, currency);
  return currency;
}

function describe(code: string): Currency {
  const shared = known.get(code);
  if (shared !== undefined) return shared;
  const options = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions();
  const currency = { code, decimals: OWN_DECIMALS[code] ?? options.maximumFractionDigits ?? 2 };
  known.set(code, currency);
  return currency;
}
