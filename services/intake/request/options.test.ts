import { formats, limits, periods, sources } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { exportOptions } from './options.ts';

const parts = {
  enabled: true,
  cap: 20_000,
  defaultTimezone: 'Asia/Jakarta',
  now: Date.parse('2026-07-01T00:07:00Z'),
};

describe('the options of an export', () => {
  it('hold the whole vocabulary, so that a client hard-codes none of it', () => {
    const options = exportOptions({ ...parts, language: 'en' });
    expect(options.sources).toEqual(sources);
    expect(options.periods.map((period) => period.value)).toEqual(periods);
    expect(options.formats.map((format) => format.value)).toEqual(formats);
    expect(options.caps).toMatchObject({ rows: 20_000, ids: limits.maximumIds });
  });

  it('have labels in the language of the reader', () => {
    expect(exportOptions({ ...parts, language: 'en' }).periods[1]?.label).toBe('Yesterday');
    expect(exportOptions({ ...parts, language: 'id' }).periods[1]?.label).toBe('Kemarin');
  });

  it('label each timezone with the offset that holds now', () => {
    const label = (now: number) =>
      exportOptions({ ...parts, now, language: 'en' }).timezones.find(
        (zone) => zone.id === 'America/New_York',
      )?.label;
    expect(label(Date.parse('2026-07-01T00:00:00Z'))).toBe('(GMT-04:00) America/New_York');
    expect(label(Date.parse('2026-12-01T00:00:00Z'))).toBe('(GMT-05:00) America/New_York');
  });
});
