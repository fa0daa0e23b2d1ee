import { describe, expect, it } from 'vitest';
import { isCalendarDay, parseInstant } from './instants.ts';

describe('an instant', () => {
  it.each([
    ['2026-11-24T09:00:00+07:00', '2026-11-24T02:00:00.000Z'],
    ['2026-11-24T09:00:00.123Z', '2026-11-24T09:00:00.123Z'],
    ['2026-11-24 09:00-0330', '2026-11-24T12:30:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('is read from %s', (text, iso) => expect(parseInstant(text)?.toISOString()).toBe(iso));

  it.each(['2026-11-24', '2026-11-24T09:00:00', '2026-02-30T00:00:00Z', '2026-11-24T25:00:00Z', 'now', ''])(
    'is not guessed from %s',
    (text) => expect(parseInstant(text)).toBeUndefined(),
  );
});

describe('a calendar day', () => {
  it.each(['2000-02-29', '9999-12-31'])('is %s', (text) => expect(isCalendarDay(text)).toBe(true));
  it.each(['1900-02-29', '2026-13-01', '2026-1-1', '2026-01-01T00:00:00Z'])('is not %s', (text) =>
    expect(isCalendarDay(text)).toBe(false),
  );
});
