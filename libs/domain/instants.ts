const instant = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})$/;
const calendarDay = /^\d{4}-\d{2}-\d{2}$/;

/** Returns whether the text is a day of the calendar as YYYY-MM-DD. */
export function isCalendarDay(text: string): boolean {
  if (!calendarDay.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  // Date reads 31 February as a day in March.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/**
 * Returns the instant of an ISO 8601 text with date, time and offset; undefined for any other text. A text without an
 * offset is not an instant, and its offset is never guessed.
 */
export function parseInstant(text: string): Date | undefined {
  const [, day, time, offset] = instant.exec(text) ?? [];
  if (day === undefined || time === undefined || offset === undefined || !isCalendarDay(day)) {
    return undefined;
  }
  const colon = offset === 'Z' || offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
  const at = new Date(`${day}T${time}${colon}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
