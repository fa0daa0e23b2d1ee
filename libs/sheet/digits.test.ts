import fc from 'fast-check';
import { decimalText } from '@waybill/formatting';
import { describe, expect, it } from 'vitest';
import { ByteSink } from './byte-sink.ts';
import { MAX_NUMBER_BYTES, putNumber, putPair, putSerial, putWhole } from './digits.ts';

/** Returns what a function writes to a sink. */
function put(write: (sink: ByteSink) => void): string {
  const sink = new ByteSink(MAX_NUMBER_BYTES + 8);
  write(sink);
  return sink.bytes.toString('latin1', 0, sink.length);
}

describe('putNumber', () => {
  it('writes the decimal text of every double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(put((sink) => putNumber(sink, value))).toBe(decimalText(value));
      }),
    );
  });

  it('writes the decimal text of amounts and whole numbers, which have a fast path', () => {
    const whole = fc.oneof(fc.maxSafeInteger(), fc.integer());
    fc.assert(
      fc.property(whole, fc.constantFrom(1, 10, 100, 1000, 10_000, 100_000), (numerator, denominator) => {
        const value = numerator / denominator;
        expect(put((sink) => putNumber(sink, value))).toBe(decimalText(value));
      }),
    );
  });

  it.each([
    0,
    -0,
    1,
    -1,
    9,
    10,
    99,
    100,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    1e9,
    1e11,
    99_999_999_999.9999,
    -0.5,
    0.0001,
    1e-5,
    1e308,
    -1e-308,
  ])('writes %d as its decimal text', (value) => {
    expect(put((sink) => putNumber(sink, value))).toBe(decimalText(value));
  });
});

describe('putWhole', () => {
  it.each([0, 9, 10, 999_999_999, 1_000_000_000, 1_000_000_001, 2 ** 53])(
    'writes %d as its digits',
    (value) => {
      expect(put((sink) => putWhole(sink, value))).toBe(String(value));
    },
  );
});

describe('putPair', () => {
  it('writes every number from 0 to 99 as two digits', () => {
    for (let value = 0; value < 100; value++) {
      expect(put((sink) => putPair(sink, value))).toBe(String(value).padStart(2, '0'));
    }
  });
});

describe('putSerial', () => {
  it('writes every second of a day so precisely that each reader finds it again', () => {
    for (let second = 0; second < 86_400; second++) {
      for (const day of [0, 20_781]) {
        const serial = Number(put((sink) => putSerial(sink, day, second)));
        const excess = (serial - (day + 25_569)) * 86_400 - second;
        // LibreOffice shows the second before if it is less, and SheetJS takes less than a microsecond off.
        if (!(excess >= 0 && excess < 1e-6)) expect.fail(`day ${day}, second ${second}: ${serial}`);
      }
    }
  });

  it.each([
    [-25_508, 0, '61'],
    [0, 43_200, '25569.5'],
    [2_932_896, 86_399, '2958465.999988425931'],
  ])('writes day %i and second %i as %s', (day, second, text) => {
    expect(put((sink) => putSerial(sink, day, second))).toBe(text);
  });
});
