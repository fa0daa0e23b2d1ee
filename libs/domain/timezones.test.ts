import { describe, expect, it } from 'vitest';
import { isTimezone, suggestTimezone, timezoneOptions } from './index.ts';

describe('timezones', () => {
  it.each(['Asia/Jakarta', 'America/Argentina/Buenos_Aires', 'UTC', 'Etc/GMT+7', 'Asia/Kathmandu'])(
    'takes the IANA id %s',
    (id) => expect(isTimezone(id)).toBe(true),
  );

  it.each(['(GMT+07:00) Asia/Jakarta', '+07:00', 'Asia/Nowhere', '', 'GMT+07:00'])('refuses %s', (id) =>
    expect(isTimezone(id)).toBe(false),
  );

  it('suggests the id that a label means', () => {
    expect(suggestTimezone('(GMT+07:00) Asia/Jakarta')).toBe('Asia/Jakarta');
    expect(suggestTimezone('jakarta')).toBe('Asia/Jakarta');
    expect(suggestTimezone('New York')).toBe('America/New_York');
    expect(suggestTimezone('nowhere at all')).toBeUndefined();
  });

  it('labels each zone with the offset that holds at the instant', () => {
    const options = timezoneOptions(new Date('2026-07-01T00:00:00Z'));
    const label = (id: string) => options.find((option) => option.id === id)?.label;
    expect(label('Asia/Jakarta')).toBe('(GMT+07:00) Asia/Jakarta');
    expect(label('America/New_York')).toBe('(GMT-04:00) America/New_York');
    expect(label('UTC')).toBe('(GMT+00:00) UTC');
  });
});
