import { describe, expect, it } from 'vitest';
import { isCalendarDay, isTimezone, parseInstant, suggestTimezone, timezoneOptions } from './index.ts';

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
