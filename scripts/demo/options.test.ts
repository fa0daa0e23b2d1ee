import { describe, expect, it } from 'vitest';
import { readDemoOptions } from './options.ts';

describe('the options of the demo', () => {
  it('export 10,000 contacts to XLSX in the time of Jakarta by default', () => {
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
  ])('refuse %j and name the fault', (args, fault) => {
    expect(readDemoOptions(args)).toContain(fault);
  });
});
