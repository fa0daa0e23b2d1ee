import { describe, expect, it } from 'vitest';
import { currencySymbols } from './index.ts';

describe('currencySymbols', () => {
  it.each([
    ['id', 'IDR', 'Rp'],
    ['id', 'USD', 'US$'],
    ['en', 'IDR', 'Rp'],
    ['en', 'USD', '$'],
    ['en', 'EUR', '€'],
    ['id', 'SGD', 'SGD'],
    ['id', 'KWD', 'KWD'],
    ['en', 'ZZZ', 'ZZZ'],
  ] as const)('shows in language %s %s as %s', (locale, code, symbol) => {
    expect(currencySymbols(locale)(code)).toBe(symbol);
  });

  it.each(['en', 'id'] as const)('never shows two currencies alike in language %s', (locale) => {
    const shown = Intl.supportedValuesOf('currency').map(currencySymbols(locale));
    expect(new Set(shown).size).toBe(shown.length);
    for (const symbol of shown) expect(symbol).not.toMatch(/[[\]\-"\\;]/);
  });
});
