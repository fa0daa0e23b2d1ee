import fc from 'fast-check';
import { DateTime, IANAZone } from 'luxon';
import { describe, expect, it } from 'vitest';
import { civilOf, dayOf, FIRST_SHEET_DAY, LAST_SHEET_DAY, parseDay } from './calendar.ts';
import { createFormatter, csvText } from './index.ts';
import { instantSeconds } from './instant.ts';
import { dateTimeText, dayText } from './text-form.ts';
import { zoneOffsets } from './zone.ts';

const days = fc.integer({ min: -800_000, max: 3_000_000 });
const DAY_MS = 86_400_000;

/** Returns the CSV text of an instant in a zone. */
function shown(instant: string | number, timezone: string): string | undefined {
  const columns = [{ name: 'at', header: 'At', fieldType: 'datetime' }];
  const [cell = null] = createFormatter({ columns, format: 'csv', timezone, locale: 'en' }).row([instant]);
  return csvText(cell);
}

describe('civilOf, dayOf and parseDay', () => {
  it('agree with the calendar of the runtime on every day', () => {
    fc.assert(
      fc.property(days, (day) => {
        const date = new Date(day * DAY_MS);
        const civil = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
        expect(civilOf(day)).toEqual(civil);
        expect(dayOf(civil)).toBe(day);
      }),
    );
  });

  it('read back the text of every day of four-digit years', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: LAST_SHEET_DAY }), (day) => {
        expect(parseDay(dayText(day))).toBe(day);
      }),
    );
  });

  it('write years beyond four digits as ISO 8601 does', () => {
    expect(dayText(LAST_SHEET_DAY + 1)).toBe('+010000-01-01');
    expect(dayText(dayOf({ year: -1, month: 1, day: 2 }))).toBe('-000001-01-02');
  });

  it('agree with the first and the last day of a sheet', () => {
    expect(dayText(FIRST_SHEET_DAY)).toBe('1900-03-01');
    expect(dayText(LAST_SHEET_DAY)).toBe('9999-12-31');
  });

  it.each([
    '2026-02-29',
    '2100-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '2026/01/01',
    '',
    'x',
  ])('reject the day %j', (text) => {
    expect(parseDay(text)).toBeUndefined();
  });
});

describe('instantSeconds', () => {
  it.each([
    ['2026-11-24T03:49:44Z', '2026-11-24T03:49:44.000Z'],
    ['2026-11-24T03:49:44.987654Z', '2026-11-24T03:49:44.000Z'],
    ['2026-11-24T10:49:44+07:00', '2026-11-24T03:49:44.000Z'],
    ['2026-11-24T10:49:44+0700', '2026-11-24T03:49:44.000Z'],
    ['2026-11-24 03:49Z', '2026-11-24T03:49:00.000Z'],
    ['2026-01-01T00:15:00+05:45', '2025-12-31T18:30:00.000Z'],
    ['1969-12-31T23:59:59.5Z', '1969-12-31T23:59:59.000Z'],
  ])('reads %s as %s', (text, utc) => {
    expect(instantSeconds(text)).toBe(Date.parse(utc) / 1000);
  });

  it.each([
    '2026-11-24',
    '2026-11-24T03:49:44',
    '2026-11-24T03:49:44.Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T03:60:00Z',
    '2026-11-24T03:49:60Z',
    '2026-02-30T03:49:44Z',
    '2026-11-24T03:49:44Zx',
    '2026-11-24T03:49:44+25:00',
    '2026-11-24T03:49:44+7',
    '2026-11-24T03-49-44Z',
    'yesterday',
  ])('rejects %s', (text) => {
    expect(instantSeconds(text)).toBeUndefined();
  });

  it('agrees with the runtime on every instant', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }),
        (date) => {
          expect(instantSeconds(date.toISOString())).toBe(Math.floor(date.getTime() / 1000));
          expect(instantSeconds(date.getTime())).toBe(Math.floor(date.getTime() / 1000));
        },
      ),
    );
  });
});

describe('zoneOffsets', () => {
  it.each([
    ['Asia/Jakarta', '2026-11-24T03:49:44Z', '2026-11-24T10:49:44+07:00'],
    ['Asia/Kathmandu', '2026-11-24T00:00:00Z', '2026-11-24T05:45:00+05:45'],
    ['UTC', '2026-11-24T03:49:44Z', '2026-11-24T03:49:44+00:00'],
    ['America/New_York', '2026-03-08T06:59:59Z', '2026-03-08T01:59:59-05:00'],
    ['America/New_York', '2026-03-08T07:00:00Z', '2026-03-08T03:00:00-04:00'],
    ['America/New_York', '2026-11-01T05:59:59Z', '2026-11-01T01:59:59-04:00'],
    ['America/New_York', '2026-11-01T06:00:00Z', '2026-11-01T01:00:00-05:00'],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T23:59:59-10:00'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31T00:00:00+14:00'],
    ['Australia/Lord_Howe', '2026-04-04T14:59:59Z', '2026-04-05T01:59:59+11:00'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', '2026-04-05T01:30:00+10:30'],
    ['America/St_Johns', '2006-10-29T02:30:59Z', '2006-10-29T00:00:59-02:30'],
    ['America/St_Johns', '2006-10-29T02:31:00Z', '2006-10-28T23:01:00-03:30'],
  ])('in %s shows %s as %s', (timezone, instant, text) => {
    expect(shown(instant, timezone)).toBe(text);
  });

  it('shows instants on both sides of both changes of a year in one file', () => {
    const columns = [{ name: 'at', header: 'At', fieldType: 'datetime' }];
    const { row } = createFormatter({ columns, format: 'csv', timezone: 'America/New_York', locale: 'en' });
    const instants = ['2026-01-01T12:00:00Z', '2026-07-01T12:00:00Z', '2026-12-01T12:00:00Z'];
    expect(instants.map((instant) => csvText(row([instant])[0] ?? null))).toEqual([
      '2026-01-01T07:00:00-05:00',
      '2026-07-01T08:00:00-04:00',
      '2026-12-01T07:00:00-05:00',
    ]);
  });

  it('shows the same instant with an offset of whole minutes where a zone was off by seconds', () => {
    // Monrovia was 44 minutes and 30 seconds behind UTC until 1972.
    const text = shown('1970-01-01T00:00:00Z', 'Africa/Monrovia');
    expect(text).toBe('1969-12-31T23:16:00-00:44');
    expect(Date.parse(text ?? '')).toBe(0);
  });

  const zones = [
    'Asia/Jakarta',
    'America/New_York',
    'Pacific/Apia',
    'Africa/Monrovia',
    'America/St_Johns',
    'Africa/Freetown',
  ];
  it.each(zones)('in %s returns the offset of luxon at every instant', (timezone) => {
    const offsetAt = zoneOffsets(timezone);
    const zone = IANAZone.create(timezone);
    const instants = fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(2040, 0, 1) / 1000 });
    fc.assert(
      fc.property(instants, (seconds) => {
        expect(offsetAt(seconds)).toBe(Math.round(zone.offset(seconds * 1000) * 60));
      }),
    );
  });

  it.each(['UTC', 'Asia/Jakarta', 'America/New_York', 'Pacific/Apia'])(
    'in %s returns an offset for every instant of ECMAScript, the first and the last included',
    (timezone) => {
      const offsetAt = zoneOffsets(timezone);
      for (const end of [-8.64e12, 8.64e12]) {
        // luxon has no answer for the last days, and no zone changes in the month before them.
        const expected = IANAZone.create(timezone).offset((end - Math.sign(end) * 30 * 86_400) * 1000);
        for (let step = 0; step < 4 * 86_400; step += 450) {
          const seconds = end < 0 ? end + step : end - step;
          expect(offsetAt(seconds)).toBe(Math.round(expected * 60));
        }
      }
    },
  );

  it('changes at the exact second although the cache has the hours around it', () => {
    const offsetAt = zoneOffsets('America/St_Johns');
    const change = Date.parse('2006-10-29T02:31:00Z') / 1000;
    const around = Array.from({ length: 7200 }, (_, at) => change - 3600 + at);
    for (const seconds of around) offsetAt(seconds);
    for (const seconds of around) expect(offsetAt(seconds)).toBe(seconds < change ? -9000 : -12_600);
  });
});

describe('a datetime in CSV', () => {
  it('reads back as the instant to the second', () => {
    const instants = fc.date({
      noInvalidDate: true,
      min: new Date('1900-04-01'),
      max: new Date('9999-12-30'),
    });
    const zones = fc.constantFrom(
      'Asia/Jakarta',
      'America/New_York',
      'Asia/Kathmandu',
      'Africa/Monrovia',
      'UTC',
    );
    fc.assert(
      fc.property(instants, zones, (date, timezone) => {
        const text = shown(date.getTime(), timezone) ?? '';
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
        expect(DateTime.fromISO(text).toSeconds()).toBe(Math.floor(date.getTime() / 1000));
      }),
    );
  });

  it('reads back as the instant to the second in the full range of ECMAScript', () => {
    const instants = fc.oneof(
      fc.integer({ min: -8.64e15, max: 8.64e15 }),
      fc.nat(1e10).map((distance) => 8.64e15 - distance),
      fc.nat(1e10).map((distance) => distance - 8.64e15),
    );
    const zones = fc.constantFrom('Asia/Jakarta', 'America/New_York', 'Pacific/Apia', 'UTC');
    fc.assert(
      fc.property(instants, zones, (instant, timezone) => {
        const text = shown(instant, timezone) ?? '';
        expect(Date.parse(text.replace(/^'/, ''))).toBe(Math.floor(instant / 1000) * 1000);
      }),
    );
  });

  it('is on the day before where cutting the offset moves it over midnight', () => {
    const text = dateTimeText({ kind: 'datetime', day: 0, second: 5, offsetSeconds: 70 });
    expect(text).toBe('1969-12-31T23:59:55+00:01');
  });
});
