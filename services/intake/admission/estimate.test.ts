import { describe, expect, it } from 'vitest';
import { estimateBytes, estimateFromSample } from './estimate.ts';
import { measure } from './sample.ts';

/** Rows, fields, characters a row and bytes a row of files that were written and weighed (see estimate.ts). */
const weighed = [
  { format: 'xlsx', fields: 37, characters: 508, bytes: 247.3 },
  { format: 'csv', fields: 37, characters: 508, bytes: 555.2 },
  { format: 'xlsx', fields: 10, characters: 124.4, bytes: 64 },
  { format: 'csv', fields: 10, characters: 124.4, bytes: 146.1 },
  { format: 'xlsx', fields: 2, characters: 28.4, bytes: 14.2 },
  { format: 'csv', fields: 2, characters: 28.4, bytes: 32.8 },
] as const;

describe('the estimate of a file', () => {
  it.each(weighed)('is within a fifth of what $format weighed with $fields fields', (file) => {
    const rows = 100_000;
    const sample = { rows, characters: rows * file.characters, tooLong: 0 };
    const estimate = estimateFromSample(rows, file.fields, file.format, sample);
    expect(estimate / (rows * file.bytes)).toBeGreaterThan(0.95);
    expect(estimate / (rows * file.bytes)).toBeLessThan(1.2);
    const reserved = estimateBytes(rows, file.fields, file.format);
    expect(reserved).toBeGreaterThan(rows * file.bytes * 0.95);
  });

  it('goes by the number of cells where there is no sample', () => {
    const nothing = { rows: 0, characters: 0, tooLong: 0 };
    expect(estimateFromSample(100, 3, 'csv', nothing)).toBe(estimateBytes(100, 3, 'csv'));
  });
});

describe('a sample', () => {
  it('counts characters of what a cell shows, and texts that no cell of Excel holds', () => {
    const rows = [
      ['ab', 12, null],
      ['x'.repeat(32_768), true, ['a']],
    ];
    expect(measure(rows)).toEqual({ rows: 2, characters: 2 + 2 + 32_768 + 4 + 5, tooLong: 1 });
  });
});
