import { civilOf } from './calendar.ts';
import { decimalText, plainDecimal } from './decimal.ts';
import { guardFormula } from './guard.ts';
import type { Cell, CurrencyCell, DateTimeCell, StyledCell } from './types.ts';

const two: readonly string[] = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

/** Days repeat within a file, so their text is kept; a decade has 3,653 of them. */
const MAX_KEPT_DAYS = 20_000;
const keptDays = new Map<number, string>();

/** Returns a calendar day as `YYYY-MM-DD`; years beyond 0000 to 9999 with a sign and six digits (ISO 8601). */
export function dayText(day: number): string {
  const kept = keptDays.get(day);
  if (kept !== undefined) return kept;
  const { year, month, day: dayOfMonth } = civilOf(day);
  const text = `${yearText(year)}-${twoDigits(month)}-${twoDigits(dayOfMonth)}`;
  if (keptDays.size < MAX_KEPT_DAYS) keptDays.set(day, text);
  return text;
}

/**
 * Returns an instant as RFC 3339 text with its offset, `2026-11-24T10:49:44+07:00`. RFC 3339 has whole minutes only, so where a
 * zone was off by seconds the offset is cut to minutes and the clock moved with it: the text is the same instant.
 */
export function dateTimeText({ day, second, offsetSeconds }: DateTimeCell): string {
  const excess = offsetSeconds % 60;
  if (excess !== 0) {
    const moved = day * 86_400 + second - excess;
    const movedDay = Math.floor(moved / 86_400);
    return clockText(movedDay, moved - movedDay * 86_400, offsetSeconds - excess);
  }
  return clockText(day, second, offsetSeconds);
}

function clockText(day: number, second: number, offsetSeconds: number): string {
  const minuteOfDay = Math.floor(second / 60);
  const hour = Math.floor(minuteOfDay / 60);
  const clock = `${twoDigits(hour)}:${twoDigits(minuteOfDay - hour * 60)}:${twoDigits(second - minuteOfDay * 60)}`;
  return `${dayText(day)}T${clock}${offsetText(offsetSeconds)}`;
}

const keptOffsets = new Map<number, string>();

function offsetText(seconds: number): string {
  let text = keptOffsets.get(seconds);
  if (text === undefined) {
    const minutes = Math.abs(seconds) / 60;
    const hours = Math.floor(minutes / 60);
    text = `${seconds < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes - hours * 60)}`;
    keptOffsets.set(seconds, text);
  }
  return text;
}

/** Returns a percentage as it is stored, with its sign: `12.5%`. */
export function percentageText(percent: number): string {
  return `${decimalText(percent)}%`;
}

/** Returns an amount with at least its currency's decimals, `1234.50`; further decimals are kept and never rounded. */
export function amountText({ value, currency }: CurrencyCell): string {
  return padDecimals(decimalText(value), currency.decimals);
}

/** Returns the same for an amount that only a decimal text can hold. */
export function longAmountText(text: string, decimals: number): string {
  return padDecimals(plainDecimal(text), decimals);
}

function padDecimals(text: string, decimals: number): string {
  const point = text.indexOf('.');
  const present = point < 0 ? 0 : text.length - point - 1;
  if (present >= decimals) return text;
  return `${text}${point < 0 ? '.' : ''}${'0'.repeat(decimals - present)}`;
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}

function twoDigits(value: number): string {
  return two[value] ?? String(value);
}

/**
 * Returns the text that a cell has in CSV, with the formula guard where the text is not a number's, before quoting.
 * @returns `undefined` if the value is not a cell.
 */
export function csvText(cell: Cell): string | undefined {
  if (cell === null) return '';
  switch (typeof cell) {
    case 'string':
      return guardFormula(cell);
    case 'number':
      return decimalText(cell);
    case 'boolean':
      return cell ? 'TRUE' : 'FALSE';
    default:
      return styledText(cell);
  }
}

function styledText(cell: StyledCell): string | undefined {
  switch (cell.kind) {
    case 'text':
      return cell.unguarded ? cell.text : guardFormula(cell.text);
    case 'percentage':
      return percentageText(cell.percent);
    case 'currency':
      return amountText(cell);
    case 'date':
      return dayText(cell.day);
    case 'datetime':
      return dateTimeText(cell);
    default:
      return undefined;
  }
}
