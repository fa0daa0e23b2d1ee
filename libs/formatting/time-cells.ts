import { FIRST_SHEET_DAY, LAST_SHEET_DAY, parseDay } from './calendar.ts';
import { instantSeconds } from './instant.ts';
import { fallbackCell, isEmpty, type ToCell } from './text-cells.ts';
import { dateTimeText, dayText } from './text-form.ts';
import type { Cell, DateTimeCell, JsonValue } from './types.ts';
import type { OffsetAt } from './zone.ts';

const DAY = 86_400;

/** The time that a store may have added to a date: midnight UTC. */
const MIDNIGHT_UTC = /^T00:00(:00(\.0+)?)?Z$/;

/** Returns the cell of a date: a calendar day, the same in every zone. */
export function dateCell(value: JsonValue | undefined): Cell {
  if (isEmpty(value)) return null;
  const day = typeof value === 'string' ? storedDay(value) : undefined;
  if (day === undefined) return fallbackCell(value);
  return isSheetDay(day) ? { kind: 'date', day, second: 0, offsetSeconds: 0 } : fallbackCell(dayText(day));
}

/** Returns the rule of a datetime: an instant as the clock of the zone shows it. */
export function dateTimeCell(offsetAt: OffsetAt): ToCell {
  return (value) => {
    if (isEmpty(value)) return null;
    const seconds =
      typeof value === 'number' || typeof value === 'string' ? instantSeconds(value) : undefined;
    if (seconds === undefined) return fallbackCell(value);
    const offset = offsetAt(seconds);
    const local = seconds + offset;
    const day = Math.floor(local / DAY);
    const cell: DateTimeCell = { kind: 'datetime', day, second: local - day * DAY, offsetSeconds: offset };
    return isSheetDay(day) ? cell : fallbackCell(dateTimeText(cell));
  };
}

function storedDay(text: string): number | undefined {
  const day = parseDay(text);
  return text.length === 10 || MIDNIGHT_UTC.test(text.slice(10)) ? day : undefined;
}

/** Returns whether a spreadsheet counts the day as the calendar does. */
function isSheetDay(day: number): boolean {
  return day >= FIRST_SHEET_DAY && day <= LAST_SHEET_DAY;
}
