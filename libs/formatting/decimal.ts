/** What a spreadsheet keeps of a number: a double shown to 15 significant digits (ECMA-376 §18.3.1.96, IEEE 754). */
const MAX_DIGITS = 15;
/** Below this a double is subnormal: it has fewer digits. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;
/** A longer exponent is left as it is written: `1e999999999` would else expand to a gigabyte of zeros. */
const MAX_EXPONENT = 400;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Returns whether a sheet can hold the number with every digit of its shortest decimal text. */
export function isHeld(value: number): boolean {
  // Integers and amounts up to four decimals, which is nearly all that occurs: no text has to be made.
  const scaled = Math.round(value * 1e4);
  if (scaled / 1e4 === value && scaled < 1e15 && scaled > -1e15) return true;
  if (!Number.isFinite(value) || Math.abs(value) < SMALLEST_NORMAL) return value === 0;
  return significantDigits(String(value)) <= MAX_DIGITS;
}

/**
 * Returns the number that a decimal text stands for, if a sheet can hold it with every digit.
 * @returns `undefined` if the text is not a decimal, has more than 15 significant digits, or is out of a double's range.
 */
export function heldNumber(text: string): number | undefined {
  if (!isDecimal(text) || significantDigits(text) > MAX_DIGITS) return undefined;
  const value = Number(text);
  return isHeld(value) && (value !== 0 || significantDigits(text) === 0) ? value : undefined;
}

/** Returns whether a text is a decimal number such as `-12.50` or `1.5e3`; no spaces, no thousands separators. */
export function isDecimal(text: string): boolean {
  const match = DECIMAL.exec(text);
  return match !== null && (match[2] ?? '') + (match[3] ?? '') !== '';
}

/** Returns the number of digits between the first and the last one that is not zero; 0 for zero. */
function significantDigits(text: string): number {
  const [, , whole = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  return (whole + fraction).replace(/^0+/, '').replace(/0+$/, '').length;
}

/** Returns the number's shortest decimal text that reads back as the same double, never with an exponent. */
export function decimalText(value: number): string {
  const text = String(value);
  return text.includes('e') ? plainDecimal(text) : text;
}

/**
 * Returns a decimal text without exponent and without a leading `+`, every digit kept: `1.5e3` becomes `1500`. A text
 * that is not a decimal, or whose exponent is beyond ±400, is returned unchanged.
 */
export function plainDecimal(text: string): string {
  const match = DECIMAL.exec(text);
  if (match === null) return text;
  const [, sign, whole = '', fraction = '', exponent] = match;
  const minus = sign === '-' ? '-' : '';
  if (exponent === undefined) return sign === '+' ? text.slice(1) : text;
  const shift = Number(exponent);
  return Math.abs(shift) > MAX_EXPONENT ? text : minus + shiftPoint(whole, fraction, shift);
}

/**
 * Returns a percentage as a ratio, shifted in its decimal text and not divided: 57.1 / 100 as doubles is 0.5710000000000001,
 * while 57.1 % is 0.571.
 */
export function percentRatio(percent: number): number {
  const scaled = Math.round(percent * 1e4);
  // `percent` is the double nearest to scaled / 10,000, so its decimal text has these digits; one division rounds once.
  if (scaled / 1e4 === percent && scaled < 1e15 && scaled > -1e15) return scaled / 1e6;
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(decimalText(percent)) ?? [];
  return Number(sign + shiftPoint(whole, fraction, -2));
}

function shiftPoint(whole: string, fraction: string, shift: number): string {
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}
