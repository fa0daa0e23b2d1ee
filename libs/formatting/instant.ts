import { digitsAt, parseDay } from './calendar.ts';

/** The range of an ECMAScript time value (ECMA-262 §21.4.1.1). */
const MAX_MILLISECONDS = 8.64e15;

const T = 84;
const SPACE = 32;
const COLON = 58;
const DOT = 46;
const Z = 90;
const PLUS = 43;
const MINUS = 45;

/**
 * Returns the seconds since the epoch of a stored instant: a number of milliseconds, or an ISO 8601 text with its offset. A
 * fraction of a second is cut, as the format of the column is.
 * @returns `undefined` for anything else, and for a text without an offset: it is not an instant, and nothing is guessed.
 */
export function instantSeconds(value: number | string): number | undefined {
  if (typeof value === 'string') return parseInstant(value);
  return Math.abs(value) <= MAX_MILLISECONDS ? Math.floor(value / 1000) : undefined;
}

function parseInstant(text: string): number | undefined {
  const day = parseDay(text);
  const separator = text.charCodeAt(10);
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  if (day === undefined || (separator !== T && separator !== SPACE) || text.charCodeAt(13) !== COLON) {
    return undefined;
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined;
  let second = 0;
  let at = 16;
  if (text.charCodeAt(at) === COLON) {
    second = digitsAt(text, at + 1, 2);
    if (second < 0 || second > 59) return undefined;
    at = skipFraction(text, at + 3);
  }
  const offset = offsetSeconds(text, at);
  return offset === undefined ? undefined : day * 86_400 + hour * 3600 + minute * 60 + second - offset;
}

function skipFraction(text: string, from: number): number {
  if (text.charCodeAt(from) !== DOT) return from;
  let at = from + 1;
  while (digitsAt(text, at, 1) >= 0) at++;
  // A dot without digits leaves the dot where an offset has to be, and so is refused.
  return at === from + 1 ? from : at;
}

/** Returns the offset of `Z`, `+hh:mm` or `+hhmm` that ends the text at `at`. */
function offsetSeconds(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at);
  if (sign === Z) return text.length === at + 1 ? 0 : undefined;
  if (sign !== PLUS && sign !== MINUS) return undefined;
  const colon = text.charCodeAt(at + 3) === COLON ? 1 : 0;
  const hours = digitsAt(text, at + 1, 2);
  const minutes = digitsAt(text, at + 3 + colon, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || text.length !== at + 5 + colon) {
    return undefined;
  }
  return (sign === MINUS ? -1 : 1) * (hours * 3600 + minutes * 60);
}
