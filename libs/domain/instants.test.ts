import { describe, expect, it } from 'vitest';
import { isCalendarDay, parseInstant } from './index.ts';

describe('parseInstant', () => {
  it.each([
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T10:00:00.123456789+07:00', '2026-11-24T03:00:00.123Z'],
    ['2026-11-24 10:00+0700', '2026-11-24T03:00:00.000Z'],
  ])('returns the instant of %s', (text, instant) => {
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
  ])('returns undefined for %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe('isCalendarDay', () => {
  it('accepts a day of the calendar only', () => {
    expect(['2024-02-29', '2026-02-29', '2026-1-1', '2026-01-01T00:00:00Z'].filter(isCalendarDay)).toEqual([
      '2024-02-29',
    ]);
  });
});
