/** Every decimal text of so many significant digits survives a double (IEEE 754: `DBL_DIG`). */
const SAFE_DIGITS = 15;
/**
 * Whole numbers from here on become text. A spreadsheet shows 15 significant digits (Excel's specifications and limits), so
 * it would show an id of 16 digits with a zero at its end.
 */
const LONG_WHOLE_NUMBER = 1e15;
/** Below this a double is subnormal: it has fewer digits, and Excel reads it as zero. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;
/** A longer exponent is left as it is written: `1e999999999` would else expand to a gigabyte of zeros. */
const MAX_EXPONENT = 400;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Returns whether a sheet holds the double as a number: it is finite, not subnormal, and not a whole number of 16 digits. */
export function isHeld(value: number): boolean {
  const size = Math.abs(value);
  if (size < LONG_WHOLE_NUMBER) return size >= SMALLEST_NORMAL || size === 0;
  return size < Infinity && !Number.isInteger(value);
}

/**
 * Returns the number that a decimal text stands for, if a sheet can hold it and a double keeps every digit.
 * @returns `undefined` if the text is not a decimal, a double would change it, or a sheet cannot hold the double.
 */
export function heldNumber(text: string): number | undefined {
  if (!isDecimal(text)) return undefined;
  const value = Number(text);
  if (!isHeld(value)) return undefined;
  const digits = significantDigits(text);
  if (value === 0) return digits === 0 ? value : undefined;
  return digits <= SAFE_DIGITS || normalized(text) === normalized(String(value)) ? value : undefined;
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

/** Returns the significant digits and the power of ten of a decimal text: equal for equal numbers that are not zero. */
function normalized(text: string): string {
  const [, , whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
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
