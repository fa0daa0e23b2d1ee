import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseWith } from './index.ts';

const schema = z.strictObject({
  format: z.enum(['xlsx', 'csv']),
  filters: z.array(z.object({ op: z.enum(['eq', 'ne']) })).default([]),
});

function refusal(
  value: unknown,
  ...rest: [code?: 'EXPORT_PERIOD_INVALID', language?: 'en' | 'id']
): ExportError {
  try {
    parseWith(schema, value, ...rest);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('The value was accepted.');
}

describe('parseWith', () => {
  it('gives the value as the schema has it', () => {
    expect(parseWith(schema, { format: 'csv' })).toEqual({ format: 'csv', filters: [] });
  });

  it('names the path of each fault', () => {
    const error = refusal({ format: 'pdf', filters: [{ op: 'eq' }, { op: 'like' }] });
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.errors).toEqual([
      { path: 'format', message: 'Invalid option: expected one of "xlsx"|"csv"' },
      { path: 'filters.1.op', message: 'Invalid option: expected one of "eq"|"ne"' },
    ]);
  });

  it('names an unknown key by its own path', () => {
    expect(refusal({ format: 'csv', fromat: 1, hello: 2 }).errors.map(({ path }) => path)).toEqual([
      'fromat',
      'hello',
    ]);
  });

  it('gives the body itself an empty path', () => {
    expect(refusal([]).errors).toEqual([
      { path: '', message: 'Invalid input: expected object, received array' },
    ]);
  });

  it('throws the code it is given', () => {
    expect(refusal({}, 'EXPORT_PERIOD_INVALID').code).toBe('EXPORT_PERIOD_INVALID');
  });

  it('speaks Indonesian where that is asked for', () => {
    expect(refusal({ format: 'pdf' }, undefined, 'id').errors[0]?.message).toContain('Pilihan tidak valid');
  });
});
