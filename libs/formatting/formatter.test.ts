import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFormatter, csvText, type Column, type FormatterOptions, type JsonValue } from './index.ts';

const deal: Column = { name: 'deal', header: 'Deal', fieldType: 'number', numberType: 'currency' };
const created: Column = { name: 'created_at', header: 'Created at', fieldType: 'datetime' };

function formatter(columns: readonly Column[], options: Partial<FormatterOptions> = {}) {
  return createFormatter({ columns, format: 'csv', timezone: 'Asia/Jakarta', locale: 'en', ...options });
}

describe('the headers of a formatter', () => {
  it('name the zone of a datetime', () => {
    expect(formatter([created]).headers).toEqual(['Created at (Asia/Jakarta)']);
  });

  it('name the field where two aliases are equal, and only there', () => {
    const columns = [
      { name: 'a', header: 'Name', fieldType: 'text' },
      { name: 'b', header: 'Name', fieldType: 'datetime' },
      { name: 'c', header: 'City', fieldType: 'text' },
    ];
    expect(formatter(columns).headers).toEqual(['Name (a)', 'Name (b) (Asia/Jakarta)', 'City']);
  });

  it('differ although a bracket made an alias equal to another one', () => {
    const columns = ['A', 'A', 'A (x)'].map((header, at) => ({
      name: 'xyz'.charAt(at),
      header,
      fieldType: 'text',
    }));
    const { headers } = formatter(columns);
    expect(new Set(headers).size).toBe(3);
  });

  it('fall back to the name of the field where there is no alias', () => {
    expect(formatter([{ name: 'city', header: '', fieldType: 'text' }]).headers).toEqual(['city']);
  });

  it.each([
    { locale: 'en', word: 'currency' },
    { locale: 'id', word: 'mata uang' },
  ] as const)('call the column of a currency code by the word of locale $locale', ({ locale, word }) => {
    expect(formatter([deal], { locale }).headers).toEqual(['Deal', `Deal (${word})`]);
  });

  it('stay equal for columns of the same name, without an endless loop', () => {
    const column = { name: 'a', header: 'A', fieldType: 'text' };
    expect(formatter([column, column]).headers).toHaveLength(2);
  });
});

describe('a currency column', () => {
  it('has its code in a column of its own in CSV', () => {
    const { columns, row } = formatter([deal]);
    expect(columns.map(({ name, kind }) => ({ name, kind }))).toEqual([
      { name: 'deal', kind: 'number' },
      { name: 'deal.currency_code', kind: 'text' },
    ]);
    expect(row([{ value: 1, currency_code: 'usd' }]).map(csvText)).toEqual(['1.00', 'USD']);
    expect(row([{ value: null, currency_code: 'USD' }])).toEqual([null, null]);
    expect(row([7])).toEqual([7, null]);
  });

  it('has one column in XLSX, whose format carries the code', () => {
    const { columns, row } = formatter([deal], { format: 'xlsx' });
    expect(columns).toHaveLength(1);
    expect(row([{ value: 1, currency_code: 'USD' }])).toEqual([
      { kind: 'currency', value: 1, currency: { code: 'USD', decimals: 2 } },
    ]);
  });

  it('keeps an invalid code next to its amount', () => {
    const stored = { value: 5, currency_code: 'points' };
    expect(formatter([deal]).row([stored])).toEqual([5, 'points']);
    expect(formatter([deal], { format: 'xlsx' }).row([stored])).toEqual([
      { kind: 'text', text: 'points 5', unguarded: false, asText: true },
    ]);
  });

  it('keeps every digit of an amount that a double cannot hold', () => {
    const stored = { value: '12345678901234567.5', currency_code: 'USD' };
    expect(formatter([deal]).row([stored]).map(csvText)).toEqual(['12345678901234567.50', 'USD']);
    expect(formatter([deal], { format: 'xlsx' }).row([stored])).toEqual([
      { kind: 'text', text: 'USD 12345678901234567.5', unguarded: false, asText: true },
    ]);
  });

  it('becomes text if the amount is not a number', () => {
    const stored = { value: 'a lot', currency_code: 'USD' };
    expect(formatter([deal]).row([stored])).toEqual([
      { kind: 'text', text: 'a lot', unguarded: false, asText: true },
      'USD',
    ]);
  });
});

describe('createFormatter', () => {
  it.each([0, 1, 3, 4])(
    'returns as few or as many cells as a row of %i values for two columns has',
    (length) => {
      // The writer rejects every row whose cells do not fit its columns.
      const { row, columns } = formatter([deal, created]);
      expect(columns).toHaveLength(3);
      expect(row([null, null])).toHaveLength(3);
      expect(row(new Array<null>(length).fill(null))).toHaveLength(length === 0 ? 0 : length + 1);
    },
  );

  it('returns text for a value that makes its rule fail, so that no value ends a job', () => {
    let nested: JsonValue = 'x';
    for (let depth = 0; depth < 200_000; depth++) nested = [nested];
    const types = [
      'text',
      'number',
      'date',
      'datetime',
      'checkbox',
      'dropdown',
      'phone',
      'owner',
      'unheard_of',
    ];
    const columns = types.map((fieldType) => ({ name: fieldType, header: fieldType, fieldType }));
    const text = { kind: 'text', text: '[unreadable value]', unguarded: false, asText: true };
    expect(formatter(columns).row(types.map(() => nested))).toEqual(types.map(() => text));
  });

  it('returns cells for every JSON value in a column of every type', () => {
    const columns = [
      'text',
      'number',
      'date',
      'datetime',
      'checkbox',
      'multiple_select',
      'phone',
      'owner',
      'other',
    ].map((fieldType) => ({ name: fieldType, header: fieldType, fieldType }));
    const instants = fc.double({ min: -9e15, max: 9e15, noNaN: true });
    const values = fc.oneof(fc.jsonValue() as fc.Arbitrary<JsonValue>, instants); // fast-check's own type of JSON
    fc.assert(
      fc.property(values, fc.constantFrom<('csv' | 'xlsx')[]>('csv', 'xlsx'), (value, format) => {
        const cells = formatter([...columns, deal], { format }).row([...columns.map(() => value), value]);
        for (const cell of cells) expect(csvText(cell)).toBeTypeOf('string');
      }),
      { numRuns: 50 },
    );
  });

  it('rejects an unknown timezone', () => {
    expect(() => formatter([created], { timezone: '(GMT+07:00) Asia/Jakarta' })).toThrow(
      expect.objectContaining({ code: 'EXPORT_TIMEZONE_INVALID' }),
    );
  });

  it('returns a row function that makes a new array each time', () => {
    const { row } = formatter([{ name: 'a', header: 'A', fieldType: 'text' }]);
    const first = row(['one']);
    row(['two']);
    expect(first).toEqual(['one']);
  });
});

describe('csvText', () => {
  it('returns undefined for a value that is not a cell', () => {
    // The type forbids it; a bug elsewhere would not ask.
    expect(csvText({ kind: 'formula' } as never)).toBeUndefined();
  });
});
