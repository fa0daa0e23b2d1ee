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

/** A timezone in a list to choose from. */
export interface TimezoneOption {
  /** Current IANA id. */
  readonly id: string;
  /** Such as `(GMT+07:00) Asia/Jakarta`. */
  readonly label: string;
}

const idShape = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;

/** Returns whether the runtime's timezone database has the id. Fixed offsets such as `+07:00` are not IANA ids. */
export function isTimezone(id: string): boolean {
  if (!idShape.test(id)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: id });
    return true;
  } catch {
    return false;
  }
}

/**
 * Ids that the runtime keeps although the IANA database has renamed them, with their current names. CLDR never renames
 * an id; it lists the current one as `iana` (common/bcp47/timezone.xml), which Intl does not show.
 */
const renamed: ReadonlyMap<string, string> = new Map([
  ['Africa/Asmera', 'Africa/Asmara'],
  ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['America/Catamarca', 'America/Argentina/Catamarca'],
  ['America/Coral_Harbour', 'America/Atikokan'],
  ['America/Cordoba', 'America/Argentina/Cordoba'],
  ['America/Godthab', 'America/Nuuk'],
  ['America/Indianapolis', 'America/Indiana/Indianapolis'],
  ['America/Jujuy', 'America/Argentina/Jujuy'],
  ['America/Louisville', 'America/Kentucky/Louisville'],
  ['America/Mendoza', 'America/Argentina/Mendoza'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Rangoon', 'Asia/Yangon'],
  ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
  ['Atlantic/Faeroe', 'Atlantic/Faroe'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['Pacific/Enderbury', 'Pacific/Kanton'],
  ['Pacific/Ponape', 'Pacific/Pohnpei'],
  ['Pacific/Truk', 'Pacific/Chuuk'],
]);

/**
 * Returns the current IANA id of a timezone, given that or an older id in any letter case, such as `asia/calcutta`. A
 * text that is not a timezone is returned as it is.
 */
export function currentTimezone(id: string): string {
  if (!isTimezone(id)) return id;
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: id }).resolvedOptions();
  return renamed.get(timeZone) ?? timeZone;
}

/** Returns the version of the runtime's timezone database, such as `2026c`; null if the runtime has none of its own. */
export function timezoneDatabase(): string | null {
  return process.versions['tz'] ?? null;
}

/** Returns the current id that a label such as `(GMT+05:30) Asia/Calcutta`, or a city, probably means, or undefined. */
export function suggestTimezone(text: string): string | undefined {
  const candidate = text
    .trim()
    .replace(/^\(.*?\)\s*/, '')
    .replaceAll(' ', '_');
  if (isTimezone(candidate)) return currentTimezone(candidate);
  const city = `/${candidate.toLowerCase()}`;
  const known = [...Intl.supportedValuesOf('timeZone'), ...renamed.values()];
  const found = known.find((id) => id.toLowerCase().endsWith(city));
  return found === undefined ? undefined : currentTimezone(found);
}

function offsetLabel(id: string, at: Date): string {
  const formatted = new Intl.DateTimeFormat('en', { timeZone: id, timeZoneName: 'longOffset' }).formatToParts(
    at,
  );
  const name = formatted.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  return name === 'GMT' ? 'GMT+00:00' : name;
}

/** Returns all timezones under their current ids, with their offset at an instant, in the order of their ids. */
export function timezoneOptions(at: Date): readonly TimezoneOption[] {
  const ids = new Set([...Intl.supportedValuesOf('timeZone').map((id) => renamed.get(id) ?? id), 'UTC']);
  return [...ids].sort().map((id) => ({ id, label: `(${offsetLabel(id, at)}) ${id}` }));
}
