import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseWith, type ParseOptions, type SchemaFault } from './index.ts';

const schema = z.strictObject({
  format: z.enum(['xlsx', 'csv']),
  filters: z.array(z.object({ op: z.enum(['eq', 'ne']) })).default([]),
});

function refusal(value: unknown, options: ParseOptions = {}): ExportError {
  try {
    parseWith(schema, value, options);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('The value was accepted.');
}

describe('parseWith', () => {
  it('returns the value with the defaults of the schema', () => {
    expect(parseWith(schema, { format: 'csv' })).toEqual({ format: 'csv', filters: [] });
  });

  it('reports the path of each fault', () => {
    const error = refusal({ format: 'pdf', filters: [{ op: 'eq' }, { op: 'like' }] });
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.errors).toEqual([
      { path: 'format', message: 'Invalid option: expected one of "xlsx"|"csv"' },
      { path: 'filters.1.op', message: 'Invalid option: expected one of "eq"|"ne"' },
    ]);
  });

  it('reports an unknown key at its own path', () => {
    expect(refusal({ format: 'csv', fromat: 1, hello: 2 }).errors.map(({ path }) => path)).toEqual([
      'fromat',
      'hello',
    ]);
  });

  it('reports the body itself with an empty path', () => {
    expect(refusal([]).errors).toEqual([
      { path: '', message: 'Invalid input: expected object, received array' },
    ]);
  });

  it('throws the error that its argument refuse returns for the faults and the faulty values', () => {
    const inputs: unknown[] = [];
    const refuse = (faults: readonly SchemaFault[]) => {
      inputs.push(...faults.map(({ issue }) => issue.input));
      return new ExportError('EXPORT_PERIOD_INVALID');
    };
    expect(refusal({ format: 'pdf' }, { refuse }).code).toBe('EXPORT_PERIOD_INVALID');
    expect(inputs).toEqual(['pdf']);
  });

  it('throws messages in Indonesian on request', () => {
    expect(refusal({ format: 'pdf' }, { language: 'id' }).errors[0]?.message).toContain(
      'Pilihan tidak valid',
    );
  });
});
