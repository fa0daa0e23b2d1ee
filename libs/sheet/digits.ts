import { decimalText } from '@waybill/formatting';
import type { ByteSink } from './byte-sink.ts';

const ZERO = 48;
const POINT = 46;
const MINUS = 45;

/** Four decimals cover nearly every amount. Numbers with more take the slow path. */
const SCALE = 1e4;
/** Below this the scaled number is an exact integer that divides without loss. */
const FAST_LIMIT = 1e11;

/** Up to here a whole number is written with 32-bit arithmetic. */
const BILLION = 1e9;

/** Days from 1899-12-30, where spreadsheets count from, to 1970-01-01. */
const SERIAL_OF_1970 = 25_569;
/** 12 decimals of a day are 0.1 µs. */
const DAY_FRACTION = 1e12;
/**
 * What is added so that the double that a reader makes of the decimals is not below the second: LibreOffice cuts and would show
 * the second before. It is more than half a step between doubles up to the year 2079, and with it less than 1 µs, which SheetJS
 * takes off for rounding.
 */
const ROUND_UP = 5;
/** Every 675 seconds are a fraction that a double holds exactly. */
const EXACT_SECONDS = 675;
const SECONDS_PER_DAY = 86_400;

/** Room that any number needs at most: 1e308 and 1e-308 without an exponent. */
export const MAX_NUMBER_BYTES = 400;

/** The two digits of 0 to 99 as one little-endian word. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, n) => ZERO + Math.floor(n / 10) + ((ZERO + (n % 10)) << 8),
);

/** Writes a number's shortest decimal text that reads back as the same double, never with an exponent. */
export function putNumber(sink: ByteSink, value: number): void {
  if ((value | 0) === value) {
    putInteger(sink, value);
    return;
  }
  if (value < FAST_LIMIT && value > -FAST_LIMIT) {
    const scaled = Math.round(value * SCALE);
    // True exactly if the number has at most four decimals: then scaled / 10,000 is the double nearest to them.
    if (scaled / SCALE === value) {
      putScaled(sink, scaled);
      return;
    }
  }
  sink.ascii(decimalText(value));
}

/** Writes a number from 0 to 99 as two digits. */
export function putPair(sink: ByteSink, value: number): void {
  sink.view.setUint16(sink.length, PAIRS[value] ?? 0, true);
  sink.length += 2;
}

/** Writes a whole number from 0 to 2^53. */
export function putWhole(sink: ByteSink, value: number): void {
  if (value < BILLION) {
    putDigits(sink, value, digitCount(value));
    return;
  }
  const high = Math.floor(value / BILLION);
  putWhole(sink, high);
  putDigits(sink, value - high * BILLION, 9);
}

/** Writes a local day and second as a spreadsheet counts them: days since 1899-12-30 with a fraction. */
export function putSerial(sink: ByteSink, day: number, second: number): void {
  putDigits(sink, day + SERIAL_OF_1970, digitCount(day + SERIAL_OF_1970));
  if (second === 0) return;
  const extra = second % EXACT_SECONDS === 0 ? 0 : ROUND_UP;
  const fraction = Math.round((second * DAY_FRACTION) / SECONDS_PER_DAY) + extra;
  const high = Math.floor(fraction / 1e6);
  sink.byte(POINT);
  putDigits(sink, high, 6);
  putDigits(sink, fraction - high * 1e6, 6);
  dropZeros(sink);
}

function putInteger(sink: ByteSink, value: number): void {
  if (value >= 0) {
    putWhole(sink, value);
    return;
  }
  sink.byte(MINUS);
  putWhole(sink, -value);
}

function putScaled(sink: ByteSink, scaled: number): void {
  let rest = scaled;
  if (rest < 0) {
    sink.byte(MINUS);
    rest = -rest;
  }
  const whole = Math.floor(rest / SCALE);
  putWhole(sink, whole);
  const fraction = rest - whole * SCALE;
  if (fraction === 0) return;
  sink.byte(POINT);
  putDigits(sink, fraction, 4);
  dropZeros(sink);
}

/** Removes the zeros at the end of a fraction that has another digit. */
function dropZeros(sink: ByteSink): void {
  while (sink.bytes[sink.length - 1] === ZERO) sink.length--;
}

/** Writes the last `count` digits of a whole number below 2^31, with leading zeros; two at a time, from the end. */
function putDigits(sink: ByteSink, value: number, count: number): void {
  const view = sink.view;
  const start = sink.length;
  let rest = value | 0;
  let at = start + count;
  while (at - start >= 2) {
    const hundredth = (rest / 100) | 0;
    at -= 2;
    view.setUint16(at, PAIRS[rest - hundredth * 100] ?? 0, true);
    rest = hundredth;
  }
  if (at > start) view.setUint8(start, ZERO + (rest % 10));
  sink.length = start + count;
}

/** Returns the number of decimal digits of a whole number below 2^31. */
function digitCount(value: number): number {
  if (value < 1e4) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1e7) return value < 1e5 ? 5 : value < 1e6 ? 6 : 7;
  return value < 1e8 ? 8 : value < 1e9 ? 9 : 10;
}
