import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvText } from './index.ts';
import { asDigits, asText, firstCell, type TableCase } from './testing/table-case.ts';

const USD = { code: 'USD', decimals: 2 };
const IDR = { code: 'IDR', decimals: 0 };
const KWD = { code: 'KWD', decimals: 3 };
const number = { fieldType: 'number', numberType: 'number' } as const;
const currency = { fieldType: 'number', numberType: 'currency' } as const;
const percentage = { fieldType: 'number', numberType: 'percentage' } as const;

const cases: readonly TableCase[] = [
  { title: 'number is a plain number', column: number, value: 1234.5, cell: 1234.5, csv: '1234.5' },
  {
    title: 'number without a subtype is a plain number',
    column: { fieldType: 'number' },
    value: -7,
    cell: -7,
    csv: '-7',
  },
  {
    title: 'number from a decimal string is a number',
    column: number,
    value: '1234.50',
    cell: 1234.5,
    csv: '1234.5',
  },
  { title: 'number zero is zero', column: number, value: 0, cell: 0, csv: '0' },
  {
    title: 'number beyond 1e21 becomes text without an exponent',
    column: number,
    value: 1.5e21,
    cell: asDigits('1500000000000000000000'),
    csv: '1500000000000000000000',
  },
  {
    title: 'number below 1e-6 has no exponent in CSV',
    column: number,
    value: 1.5e-7,
    cell: 1.5e-7,
    csv: '0.00000015',
  },
  {
    title: 'number of 15 digits is a number',
    column: number,
    value: 999999999999999,
    cell: 999999999999999,
    csv: '999999999999999',
  },
  {
    title: 'number of 16 digits becomes text, and is not guarded',
    column: number,
    value: '-1234567890123456',
    cell: asDigits('-1234567890123456'),
    csv: '-1234567890123456',
  },
  {
    title: 'number with 17 digits in a double stays a number',
    column: number,
    value: 0.1 + 0.2,
    cell: 0.1 + 0.2,
    csv: '0.30000000000000004',
  },
  {
    title: 'number beyond the range of a double becomes text',
    column: number,
    value: '1e400',
    cell: asDigits(`1${'0'.repeat(400)}`),
    csv: `1${'0'.repeat(400)}`,
  },
  {
    title: 'number of 16 digits in a double becomes text',
    column: number,
    value: 1234567890123456,
    cell: asDigits('1234567890123456'),
    csv: '1234567890123456',
  },
  {
    title: 'number string that a double would change becomes text',
    column: number,
    value: '0.12345678901234567891',
    cell: asDigits('0.12345678901234567891'),
    csv: '0.12345678901234567891',
  },
  {
    title: 'number that is subnormal becomes text',
    column: number,
    value: 1e-310,
    cell: asDigits(`0.${'0'.repeat(309)}1`),
    csv: `0.${'0'.repeat(309)}1`,
  },
  { title: 'number that is NaN becomes text', column: number, value: NaN, cell: asText('NaN'), csv: 'NaN' },
  {
    title: 'number that is minus infinity becomes text, and is guarded because it is not a number',
    column: number,
    value: -Infinity,
    cell: asText('-Infinity'),
    csv: "'-Infinity",
  },
  {
    title: 'number that is a formula becomes text, and is guarded',
    column: number,
    value: '=1+1',
    cell: asText('=1+1'),
    csv: "'=1+1",
  },
  {
    title: 'currency in US dollars has two decimals',
    column: currency,
    value: { value: 1234.5, currency_code: 'USD' },
    cell: { kind: 'currency', value: 1234.5, currency: USD },
    csv: '1234.50',
  },
  {
    title: 'currency in rupiah has no decimals',
    column: currency,
    value: { value: 1500000, currency_code: 'IDR' },
    cell: { kind: 'currency', value: 1500000, currency: IDR },
    csv: '1500000',
  },
  {
    title: 'currency in Kuwaiti dinar has three decimals',
    column: currency,
    value: { value: -1.5, currency_code: 'KWD' },
    cell: { kind: 'currency', value: -1.5, currency: KWD },
    csv: '-1.500',
  },
  {
    title: 'currency with more decimals than its own keeps them',
    column: currency,
    value: { value: 0.125, currency_code: 'USD' },
    cell: { kind: 'currency', value: 0.125, currency: USD },
    csv: '0.125',
  },
  {
    title: 'currency without a code is a plain number',
    column: currency,
    value: { value: 12, currency_code: null },
    cell: 12,
    csv: '12',
  },
  {
    title: 'currency stored as a bare number is a plain number',
    column: currency,
    value: 12,
    cell: 12,
    csv: '12',
  },
  {
    title: 'currency code in small letters is the same currency',
    column: currency,
    value: { value: '12', currency_code: 'usd' },
    cell: { kind: 'currency', value: 12, currency: USD },
    csv: '12.00',
  },
  {
    title: 'currency without a value is empty',
    column: currency,
    value: { value: null, currency_code: 'USD' },
    cell: null,
    csv: '',
  },
  {
    title: 'percentage is the number of percent',
    column: percentage,
    value: 12.5,
    cell: { kind: 'percentage', percent: 12.5 },
    csv: '12.5%',
  },
  {
    title: 'percentage below zero is not guarded',
    column: percentage,
    value: -3,
    cell: { kind: 'percentage', percent: -3 },
    csv: '-3%',
  },
  {
    title: 'percentage with 17 digits in a double stays a percentage',
    column: percentage,
    value: 10 * 1.11,
    cell: { kind: 'percentage', percent: 11.100000000000001 },
    csv: '11.100000000000001%',
  },
  {
    title: 'percentage string that a double would change becomes text',
    column: percentage,
    value: '12.3456789012345678',
    cell: asDigits('12.3456789012345678%'),
    csv: '12.3456789012345678%',
  },
  {
    title: 'percentage whose ratio is subnormal becomes text',
    column: percentage,
    value: 1e-307,
    cell: asDigits(`0.${'0'.repeat(306)}1%`),
    csv: `0.${'0'.repeat(306)}1%`,
  },
];

/** Amounts that our users compute: prices with tax, averages of three, and latitudes. */
const computed = fc.oneof(
  fc.integer({ min: 1, max: 1e9 }).map((price) => (price / 100) * 1.11),
  fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)).map(([a, b, c]) => (a + b + c) / 3),
  fc.double({ min: -90, max: 90, noNaN: true }).filter((value) => Math.abs(value) > 1e-300 || value === 0),
);

describe('numbers in the table of field types', () => {
  it.each(cases)('$title', ({ column, value, cell, csv }) => {
    expect(firstCell('xlsx', column, value)).toEqual(cell);
    expect(csvText(firstCell('csv', column, value))).toBe(csv);
  });

  it('keep every computed amount a number', () => {
    fc.assert(
      fc.property(computed, (value) => {
        expect(firstCell('xlsx', number, value)).toBe(value);
        expect(firstCell('xlsx', currency, { value, currency_code: 'USD' })).toMatchObject({
          kind: 'currency',
          value,
        });
        expect(firstCell('xlsx', percentage, value)).toEqual({ kind: 'percentage', percent: value });
      }),
    );
  });

  it.each([
    ['COP', 2],
    ['HUF', 2],
    ['IQD', 3],
    ['PKR', 2],
    ['JPY', 0],
    ['UYW', 4],
    ['IDR', 0],
    ['XAF', 0],
    ['EUR', 2],
    ['XTS', 2],
  ])('give the currency %s %i decimals', (code, decimals) => {
    expect(firstCell('xlsx', currency, { value: 1234.5, currency_code: code })).toEqual({
      kind: 'currency',
      value: 1234.5,
      currency: { code, decimals },
    });
  });
});
