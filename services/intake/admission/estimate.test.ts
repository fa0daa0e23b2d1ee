import { describe, expect, it } from 'vitest';
import { estimateBytes, estimateFromSample, measure } from './estimate.ts';

/** Fields, characters per row and bytes per row of files that were written and measured (see estimate.ts). */
const measured = [
  { format: 'xlsx', fields: 37, characters: 508, bytes: 247.3 },
  { format: 'csv', fields: 37, characters: 508, bytes: 555.2 },
  { format: 'xlsx', fields: 10, characters: 124.4, bytes: 64 },
  { format: 'csv', fields: 10, characters: 124.4, bytes: 146.1 },
  { format: 'xlsx', fields: 2, characters: 28.4, bytes: 14.2 },
  { format: 'csv', fields: 2, characters: 28.4, bytes: 32.8 },
] as const;

describe('estimateFromSample', () => {
  it.each(measured)('is within 20% of the measured size of $format with $fields fields', (file) => {
    const rows = 100_000;
    const sample = { rows, characters: rows * file.characters, tooLong: 0 };
    const estimate = estimateFromSample({ rows, fields: file.fields, format: file.format }, sample);
    expect(estimate / (rows * file.bytes)).toBeGreaterThan(0.95);
    expect(estimate / (rows * file.bytes)).toBeLessThan(1.2);
    const reserved = estimateBytes(rows, file.fields, file.format);
    expect(reserved).toBeGreaterThan(rows * file.bytes * 0.95);
  });

  it('uses the number of cells when there is no sample', () => {
    const nothing = { rows: 0, characters: 0, tooLong: 0 };
    const file = { rows: 100, fields: 3, format: 'csv' } as const;
    expect(estimateFromSample(file, nothing)).toBe(estimateBytes(100, 3, 'csv'));
  });
});

describe('measure', () => {
  it('counts the characters that cells show and the texts that are too long for Excel', () => {
    const rows = [
      ['ab', 12, null],
      ['x'.repeat(32_768), true, ['a']],
    ];
    expect(measure(rows)).toEqual({ rows: 2, characters: 2 + 2 + 32_768 + 4 + 5, tooLong: 1 });
  });
});
