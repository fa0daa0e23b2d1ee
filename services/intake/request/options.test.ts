import { formats, limits, periods, sources } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { exportOptions } from './options.ts';

const context = {
  enabled: true,
  cap: 20_000,
  defaultTimezone: 'Asia/Jakarta',
  now: Date.parse('2026-07-01T00:07:00Z'),
};

describe('exportOptions', () => {
  it('lists every value that a request may contain [R16]', () => {
    const options = exportOptions({ ...context, language: 'en' });
    expect(options.sources).toEqual(sources);
    expect(options.periods.map((period) => period.value)).toEqual(periods);
    expect(options.formats.map((format) => format.value)).toEqual(formats);
    expect(options.caps).toMatchObject({ rows: 20_000, ids: limits.maximumIds });
  });

  it('says which version of the timezone database it lists', () => {
    expect(exportOptions({ ...context, language: 'en' }).timezone_database).toBe(process.versions['tz']);
  });

  it('labels values in the language of the reader', () => {
    expect(exportOptions({ ...context, language: 'en' }).periods[1]?.label).toBe('Yesterday');
    expect(exportOptions({ ...context, language: 'id' }).periods[1]?.label).toBe('Kemarin');
  });

  it('labels each timezone with its current offset', () => {
    const label = (now: number) =>
      exportOptions({ ...context, now, language: 'en' }).timezones.find(
        (zone) => zone.id === 'America/New_York',
      )?.label;
    expect(label(Date.parse('2026-07-01T00:00:00Z'))).toBe('(GMT-04:00) America/New_York');
    expect(label(Date.parse('2026-12-01T00:00:00Z'))).toBe('(GMT-05:00) America/New_York');
  });
});
