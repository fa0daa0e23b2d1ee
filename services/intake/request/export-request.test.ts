import { describe, expect, it } from 'vitest';
import { csvOptions } from './export-request.ts';

describe('csvOptions', () => {
  it.each([
    [{}, 'id', { delimiter: ',', bom: false, decimal_comma: false }],
    [{ profile: 'standard' }, 'id', { delimiter: ',', bom: false, decimal_comma: false }],
    [{ delimiter: ';', bom: true }, 'id', { delimiter: ';', bom: true, decimal_comma: false }],
    [{ profile: 'excel' }, 'id', { delimiter: ';', bom: true, decimal_comma: true }],
    [{ profile: 'excel' }, 'en', { delimiter: ';', bom: true, decimal_comma: false }],
    [
      { profile: 'excel', delimiter: '\t', bom: false },
      'id',
      { delimiter: '\t', bom: false, decimal_comma: true },
    ],
    [{ profile: 'excel', delimiter: ',' }, 'id', { delimiter: ',', bom: true, decimal_comma: false }],
  ] as const)('turns %j in language %s into %j', (csv, locale, options) => {
    expect(csvOptions(csv, locale)).toEqual(options);
  });
});
