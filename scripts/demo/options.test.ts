import { describe, expect, it } from 'vitest';
import { readDemoOptions } from './options.ts';

describe('readDemoOptions', () => {
  it('returns 10,000 contacts, XLSX and the timezone of Jakarta by default', () => {
    expect(readDemoOptions([])).toEqual({
      rows: 10_000,
      format: 'xlsx',
      timezone: 'Asia/Jakarta',
      out: 'out',
      json: false,
    });
  });

  it.each([
    [['--rows', '0'], '--rows 0'],
    [['--rows', '1000001'], '--rows 1000001'],
    [['--rows', 'ten'], '--rows ten'],
    [['--format', 'pdf'], '--format pdf'],
    [['--timezone', 'Mars/Olympus'], '--timezone Mars/Olympus'],
    [['--speed'], '--speed'],
  ])('returns a text that names the fault for %j', (args, fault) => {
    expect(readDemoOptions(args)).toContain(fault);
  });
});
