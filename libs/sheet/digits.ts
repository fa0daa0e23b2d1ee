import { decimalText } from '@waybill/formatting';
import type { ByteSink } from './byte-sink.ts';

const ZERO = 48;
const POINT = 46;
const MINUS = 45;

/** Four decimals cover nearly every amount; more of them go the slow way. */
const SCALE = 1e4;
/** So that the scaled number still is an exact integer that divides without loss. */
const FAST_LIMIT = 1e11;

/** Days from 1899-12-30, where spreadsheets count from, to 1970-01-01. */
const SERIAL_OF_1970 = 25_569;
/** 11 decimals of a day are 0.4 µs: every reader rounds them to the second that went in. */
const DAY_FRACTION = 1e11;
const SECONDS_PER_DAY = 86_400;

/** Room that a number needs at most when it is written by `putNumber` with an exponent in reserve. */
export const MAX_NUMBER_BYTES = 400;

/** A number's shortest decimal text that reads back as the same double, never with an exponent. */
export function putNumber(sink: ByteSink, value: number): void {
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

/** A whole number from 0 to 2^53. */
export function putWhole(sink: ByteSink, value: number): void {
  const bytes = sink.bytes;
  const end = sink.length + digitCount(value);
  let rest = value;
  for (let at = end - 1; at >= sink.length; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  sink.length = end;
}

/** A local day and second as a spreadsheet counts them: days since 1899-12-30 with a fraction. */
export function putSerial(sink: ByteSink, day: number, second: number): void {
  putWhole(sink, day + SERIAL_OF_1970);
  if (second !== 0) putFraction(sink, Math.round((second * DAY_FRACTION) / SECONDS_PER_DAY), 11);
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
  if (fraction !== 0) putFraction(sink, fraction, 4);
}

/** `.` and the digits of fraction / 10^places, without trailing zeros. */
function putFraction(sink: ByteSink, fraction: number, places: number): void {
  let rest = fraction;
  let count = places;
  while (rest % 10 === 0) {
    rest /= 10;
    count--;
  }
  sink.byte(POINT);
  const bytes = sink.bytes;
  for (let at = sink.length + count - 1; at >= sink.length; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  sink.length += count;
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; limit <= value; limit *= 10) count++;
  return count;
}
