import { describe, expect, it } from 'vitest';
import {
  currentTimezone,
  isCalendarDay,
  isTimezone,
  parseInstant,
  suggestTimezone,
  timezoneDatabase,
  timezoneOptions,
} from './index.ts';

describe('timezones', () => {
  it.each(['Asia/Jakarta', 'America/Argentina/Buenos_Aires', 'UTC', 'Etc/GMT+7', 'Asia/Kathmandu'])(
    'isTimezone accepts the IANA id %s',
    (id) => expect(isTimezone(id)).toBe(true),
  );

  it.each(['(GMT+07:00) Asia/Jakarta', '+07:00', 'Asia/Nowhere', '', 'GMT+07:00'])(
    'isTimezone rejects %s',
    (id) => expect(isTimezone(id)).toBe(false),
  );

  it('suggestTimezone returns the id that a label means [R15]', () => {
    expect(suggestTimezone('(GMT+07:00) Asia/Jakarta')).toBe('Asia/Jakarta');
    expect(suggestTimezone('jakarta')).toBe('Asia/Jakarta');
    expect(suggestTimezone('New York')).toBe('America/New_York');
    expect(suggestTimezone('nowhere at all')).toBeUndefined();
  });

  it.each([
    ['(GMT+05:30) Asia/Calcutta', 'Asia/Kolkata'],
    ['calcutta', 'Asia/Kolkata'],
    ['Kolkata', 'Asia/Kolkata'],
    ['kiev', 'Europe/Kyiv'],
    ['(GMT+02:00) Kyiv', 'Europe/Kyiv'],
    ['Katmandu', 'Asia/Kathmandu'],
    ['(GMT-08:00) US/Pacific', 'America/Los_Angeles'],
    ['buenos aires', 'America/Argentina/Buenos_Aires'],
  ])('suggestTimezone returns the current id for %s, also from an older name [R15]', (text, id) => {
    expect(suggestTimezone(text)).toBe(id);
  });

  it.each([
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['asia/CALCUTTA', 'Asia/Kolkata'],
    ['Asia/Katmandu', 'Asia/Kathmandu'],
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['Europe/Uzhgorod', 'Europe/Kyiv'],
    ['america/nuuk', 'America/Nuuk'],
    ['asia/jakarta', 'Asia/Jakarta'],
    ['US/Pacific', 'America/Los_Angeles'],
    ['etc/utc', 'UTC'],
    ['Etc/GMT+7', 'Etc/GMT+7'],
    ['Asia/Nowhere', 'Asia/Nowhere'],
  ])('currentTimezone returns for %s the id that IANA uses now, %s', (id, current) => {
    expect(currentTimezone(id)).toBe(current);
  });

  it('currentTimezone keeps every id of the list and every instant of an older name', () => {
    const at = new Date('2026-07-01T00:00:00Z');
    const labels = new Map(timezoneOptions(at).map(({ id, label }) => [id, label]));
    for (const id of labels.keys()) expect(currentTimezone(id)).toBe(id);
    const local = (id: string) => at.toLocaleString('en', { timeZone: id });
    for (const id of Intl.supportedValuesOf('timeZone')) {
      expect(labels.has(currentTimezone(id)), id).toBe(true);
      expect(local(currentTimezone(id))).toBe(local(id));
    }
  });

  it('timezoneOptions lists current ids and no older name', () => {
    const ids = timezoneOptions(new Date('2026-07-01T00:00:00Z')).map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['Asia/Kolkata', 'Asia/Kathmandu', 'Europe/Kyiv', 'America/Nuuk']),
    );
    expect(ids.filter((id) => /Calcutta|Katmandu|Kiev|Godthab|Saigon|Rangoon/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('timezoneDatabase returns the version of the IANA database', () => {
    expect(timezoneDatabase()).toMatch(/^20\d\d[a-z]$/);
  });

  it('timezoneOptions labels each zone with its offset at the given instant', () => {
    const options = timezoneOptions(new Date('2026-07-01T00:00:00Z'));
    const label = (id: string) => options.find((option) => option.id === id)?.label;
    expect(label('Asia/Jakarta')).toBe('(GMT+07:00) Asia/Jakarta');
    expect(label('America/New_York')).toBe('(GMT-04:00) America/New_York');
    expect(label('UTC')).toBe('(GMT+00:00) UTC');
  });
});

describe('parseInstant', () => {
  it.each([
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T10:00:00.123456789+07:00', '2026-11-24T03:00:00.123Z'],
    ['2026-11-24 10:00+0700', '2026-11-24T03:00:00.000Z'],
    ['2026-11-24T09:00:00.123Z', '2026-11-24T09:00:00.123Z'],
    ['2026-11-24 09:00-0330', '2026-11-24T12:30:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('parseInstant returns the instant of %s', (text, instant) => {
    expect(parseInstant(text)?.toISOString()).toBe(instant);
  });

  it.each([
    '2026-11-24T10:00:00',
    '2026-11-24',
    '2026-02-30T10:00:00Z',
    '2026-11-24T25:00:00Z',
    '2026-11-24T10:00:00+7',
    'now',
    '',
  ])('parseInstant returns undefined for %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe('isCalendarDay', () => {
  it.each(['2000-02-29', '2024-02-29', '9999-12-31'])('isCalendarDay accepts %s', (text) => {
    expect(isCalendarDay(text)).toBe(true);
  });

  it.each(['1900-02-29', '2026-02-29', '2026-13-01', '2026-1-1', '2026-01-01T00:00:00Z'])(
    'isCalendarDay rejects %s',
    (text) => {
      expect(isCalendarDay(text)).toBe(false);
    },
  );
});
