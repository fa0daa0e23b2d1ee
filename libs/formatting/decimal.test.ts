import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText, heldNumber, isDecimal, isHeld, percentRatio, plainDecimal } from './decimal.ts';

/** Decimals as people store them: a whole part and up to eight places, at most 15 digits. */
const decimals = fc
  .tuple(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: 0, max: 99_999_999 }))
  .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(8, '0')}`);

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('decimalText', () => {
  it('returns a text without exponent that reads back as the same double', () => {
    fc.assert(
      fc.property(doubles, (value) => {
        const text = decimalText(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        // -0 is written as 0: a sheet shows no difference.
        expect(Number(text) === value).toBe(true);
      }),
    );
  });

  it.each([
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-1.25e-9, '-0.00000000125'],
    [123456.789, '123456.789'],
    [-0, '0'],
  ])('returns the text of %d as %s', (value, text) => {
    expect(decimalText(value)).toBe(text);
  });
});

describe('isHeld and heldNumber', () => {
  it('accept every decimal of at most 15 digits, as a text and as a double', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const value = heldNumber(text);
        expect(value).toBe(Number(text));
        expect(isHeld(Number(text))).toBe(true);
      }),
    );
  });

  it('accept every double except whole numbers of 16 digits, subnormals, NaN and infinities', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const size = Math.abs(value);
        const isWhole = Number.isInteger(value) && size >= 1e15;
        const isNormal = value === 0 || (size >= 2.2250738585072014e-308 && size < Infinity);
        expect(isHeld(value)).toBe(isNormal && !isWhole);
      }),
    );
  });

  it('accept a text of up to 20 digits exactly if its double has the same digits', () => {
    const digits = fc.integer({ min: 0, max: 1e9 }).map(String);
    fc.assert(
      fc.property(digits, digits, (whole, fraction) => {
        const text = `1${whole}.${fraction}1`;
        const isKept = text === String(Number(text));
        expect(heldNumber(text)).toBe(isKept ? Number(text) : undefined);
      }),
    );
  });

  it('decide the same for a double and for its text', () => {
    fc.assert(
      fc.property(doubles, (value) => {
        expect(heldNumber(decimalText(value)) !== undefined).toBe(isHeld(value));
      }),
    );
  });

  it.each([
    ['999999999999999', 999999999999999],
    ['0.000000000000001', 1e-15],
    ['00012.5000', 12.5],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['0.1234567890123456', 0.1234567890123456],
    ['-106.84513000000001', -106.84513000000001],
    ['1234567890123456.5', 1234567890123456.5],
    ['-0', -0],
    ['0e400', 0],
  ])('accept the text %s as a number', (text, value) => {
    expect(heldNumber(text)).toBe(value);
  });

  it.each([
    '1234567890123456',
    '0.12345678901234567891',
    '12345678901234567.5',
    '12000000000000000000',
    '-1e15',
    '1e400',
    '1e-400',
    '5e-324',
    '',
    '.',
    'e5',
    '1e',
    '1,5',
    ' 1',
    '1 ',
    '0x10',
    'NaN',
    'Infinity',
    '１２',
  ])('reject the text %j', (text) => {
    expect(heldNumber(text)).toBeUndefined();
  });

  it.each([NaN, Infinity, -Infinity, 5e-324, 1e15, -(2 ** 53), 1.5e21])('reject the double %d', (value) => {
    expect(isHeld(value)).toBe(false);
  });
});

describe('plainDecimal', () => {
  it('keeps the value of every decimal text', () => {
    const withExponent = fc
      .tuple(decimals, fc.integer({ min: -30, max: 30 }))
      .map(([text, e]) => `${text}e${e}`);
    fc.assert(
      fc.property(withExponent, (text) => {
        const plain = plainDecimal(text);
        expect(plain).not.toMatch(/e/i);
        expect(Number(plain)).toBe(Number(text));
      }),
    );
  });

  it('returns a text unchanged whose exponent would expand to a gigabyte of zeros', () => {
    expect(plainDecimal('1e999999999')).toBe('1e999999999');
    expect(isDecimal('1e999999999')).toBe(true);
  });

  it('returns a text that is not a decimal unchanged, and drops a plus', () => {
    expect(plainDecimal('abc')).toBe('abc');
    expect(plainDecimal('+12.50')).toBe('12.50');
  });
});

describe('percentRatio', () => {
  it.each([
    [57.1, 0.571],
    [12.5, 0.125],
    [100, 1],
    [0.0001, 0.000001],
    [-0.07, -0.0007],
    [1.23456789, 0.0123456789],
    [99999999999999.9, 999999999999.999],
    [1e21, 1e19],
    [0, 0],
  ])('returns the ratio of %d %% as %d', (percent, ratio) => {
    expect(percentRatio(percent)).toBe(ratio);
  });

  it('shifts the decimal text by two places for every percentage that a sheet can hold', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const percent = Number(text);
        expect(percentRatio(percent)).toBe(Number(`${decimalText(percent)}e-2`));
      }),
    );
  });
});
