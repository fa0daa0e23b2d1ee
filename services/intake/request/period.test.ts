import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { resolvePeriod, type PeriodRequest } from './period.ts';

const at = (iso: string): number => Date.parse(iso);

function range(request: PeriodRequest, zone: string, now = '2026-11-24T18:30:00Z') {
  const { createdFrom, createdBefore } = resolvePeriod(request, zone, at(now));
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return [iso(createdFrom), iso(createdBefore)];
}

describe('resolvePeriod', () => {
  // 18:30 UTC is already 25 November, 01:30, in Jakarta.
  it.each([
    ['today', '2026-11-24T17:00:00.000Z', '2026-11-25T17:00:00.000Z'],
    ['yesterday', '2026-11-23T17:00:00.000Z', '2026-11-24T17:00:00.000Z'],
    ['last_7_days', '2026-11-18T17:00:00.000Z', '2026-11-25T17:00:00.000Z'],
    ['last_30_days', '2026-10-26T17:00:00.000Z', '2026-11-25T17:00:00.000Z'],
    ['this_month', '2026-10-31T17:00:00.000Z', '2026-11-30T17:00:00.000Z'],
    ['last_month', '2026-09-30T17:00:00.000Z', '2026-10-31T17:00:00.000Z'],
    ['this_year', '2025-12-31T17:00:00.000Z', '2026-12-31T17:00:00.000Z'],
  ] as const)('counts %s from the current day in the timezone', (period, from, before) => {
    expect(range({ period }, 'Asia/Jakarta')).toEqual([from, before]);
  });

  it('resolves last_month to the whole previous month on the 31st', () => {
    expect(range({ period: 'last_month' }, 'UTC', '2026-03-31T12:00:00Z')).toEqual([
      '2026-02-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });

  it('includes the whole end date', () => {
    expect(range({ start_date: '2026-11-01', end_date: '2026-11-01' }, 'Asia/Kathmandu')).toEqual([
      '2026-10-31T18:15:00.000Z',
      '2026-11-01T18:15:00.000Z',
    ]);
  });

  it('leaves a bound open when its date is not given', () => {
    expect(range({ start_date: '2026-11-01' }, 'UTC')).toEqual(['2026-11-01T00:00:00.000Z', null]);
    expect(range({ end_date: '2026-11-01' }, 'UTC')).toEqual([null, '2026-11-02T00:00:00.000Z']);
    expect(range({}, 'UTC')).toEqual([null, null]);
  });

  it('returns days of 23 and 25 hours when the clocks change', () => {
    const hours = (day: string) => {
      const { createdFrom = 0, createdBefore = 0 } = resolvePeriod(
        { start_date: day, end_date: day },
        'America/New_York',
        0,
      );
      return (createdBefore - createdFrom) / 3_600_000;
    };
    expect(hours('2026-03-08')).toBe(23);
    expect(hours('2026-11-01')).toBe(25);
  });

  it('starts at the first of two midnights, and after a midnight that does not exist', () => {
    expect(range({ start_date: '2024-11-03' }, 'America/Havana')[0]).toBe('2024-11-03T04:00:00.000Z');
    expect(range({ start_date: '2024-04-26' }, 'Africa/Cairo')[0]).toBe('2024-04-25T22:00:00.000Z');
  });

  it('returns an empty range for a day that the timezone skipped', () => {
    const { createdFrom, createdBefore } = resolvePeriod(
      { start_date: '2011-12-30', end_date: '2011-12-30' },
      'Pacific/Apia',
      0,
    );
    expect(createdFrom).toBe(createdBefore);
  });

  it('throws EXPORT_PERIOD_INVALID when the end is before the start', () => {
    const resolve = () => resolvePeriod({ start_date: '2026-11-02', end_date: '2026-11-01' }, 'UTC', 0);
    expect(resolve).toThrow(expect.objectContaining({ code: 'EXPORT_PERIOD_INVALID' }));
    expect(resolve).toThrow(/end_date is before start_date/);
  });

  it('contains exactly the instants whose local day is in it, in every timezone', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const day = fc.date({ min: new Date('1975-01-01'), max: new Date('2037-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...zones), day, fc.integer({ min: -60, max: 60 }), (zone, date, nudge) => {
        const wanted = date.toISOString().slice(0, 10);
        const { createdFrom = 0, createdBefore = 0 } = resolvePeriod(
          { start_date: wanted, end_date: wanted },
          zone,
          0,
        );
        for (const edge of [createdFrom, createdBefore]) {
          const instant = edge + nudge * 60_000;
          const local = DateTime.fromMillis(instant, { zone }).toISODate();
          expect(instant >= createdFrom && instant < createdBefore).toBe(local === wanted);
        }
      }),
      { numRuns: 300 },
    );
  });
});
