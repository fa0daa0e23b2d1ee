import { describe, expect, it } from 'vitest';
import { readOutageOptions } from './options.ts';

describe('readOutageOptions', () => {
  it('hangs MongoDB for 60 s under 20 jobs by default', () => {
    expect(readOutageOptions([])).toEqual({
      outages: [{ server: 'mongo', mode: 'hang', seconds: 60, jobs: 20 }],
      rows: 2_000,
      json: false,
    });
  });

  it('takes every server away in both modes, one after the other', () => {
    const options = readOutageOptions(['--server', 'all', '--mode', 'both', '--jobs', '4']);
    expect(options).toMatchObject({ outages: { length: 12 } });
    expect(options).toMatchObject({
      outages: [
        { server: 'kafka', mode: 'hang', jobs: 4 },
        { server: 'kafka', mode: 'refuse', jobs: 4 },
        ...Array.from({ length: 10 }, () => ({})),
      ],
    });
  });

  it.each([
    [['--server', 'oracle'], '--server oracle is not one of kafka, registry, mongo, redis, s3, mail, all'],
    [['--mode', 'slow'], '--mode slow is not one of hang, refuse, both'],
    [['--seconds', '0'], '--seconds 0 is not a whole number from 1 to 3600'],
    [['--jobs', 'many'], '--jobs many is not a whole number from 1 to 1000'],
    [['--rows', '1.5'], '--rows 1.5 is not a whole number from 1 to 10000'],
  ])('returns the reason for %j', (args, reason) => {
    expect(readOutageOptions(args)).toBe(reason);
  });

  it('returns the reason for an unknown option', () => {
    expect(readOutageOptions(['--sever', 's3'])).toContain('--sever');
  });
});
