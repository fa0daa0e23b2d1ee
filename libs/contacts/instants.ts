/** ISO 8601 with date, time and offset; a text without an offset is no instant and is never guessed. */
const instant = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})$/;
const calendarDay = /^\d{4}-\d{2}-\d{2}$/;

/** Whether the text is a day that the calendar has, as YYYY-MM-DD. */
export function isCalendarDay(text: string): boolean {
  if (!calendarDay.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  // Date takes 31 February for a day in March.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The instant that a text names, or undefined. */
export function parseInstant(text: string): Date | undefined {
  const [, day, time, offset] = instant.exec(text) ?? [];
  if (day === undefined || time === undefined || offset === undefined || !isCalendarDay(day)) {
    return undefined;
  }
  const colon = offset === 'Z' || offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
  const at = new Date(`${day}T${time}${colon}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
