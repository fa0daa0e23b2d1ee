import { ExportError, inEachLanguage } from '@waybill/errors';
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
      {
        path: 'format',
        message: { en: 'must be one of xlsx, csv', id: 'harus berupa salah satu dari xlsx, csv' },
      },
      {
        path: 'filters.1.op',
        message: { en: 'must be one of eq, ne', id: 'harus berupa salah satu dari eq, ne' },
      },
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
      { path: '', message: { en: 'must be an object', id: 'harus berupa objek' } },
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

  it.each([
    [z.object({ a: z.string() }), {}, 'is required', 'wajib diisi'],
    [z.object({ a: z.enum(['b', 'c']) }), {}, 'is required', 'wajib diisi'],
    [z.object({ a: z.string() }), { a: 1 }, 'must be a text', 'harus berupa teks'],
    [z.object({ a: z.coerce.number() }), { a: 'x' }, 'must be a number', 'harus berupa angka'],
    [z.object({ a: z.int() }), { a: 1.5 }, 'must be a whole number', 'harus berupa bilangan bulat'],
    [z.object({ a: z.boolean() }), { a: 1 }, 'must be true or false', 'harus berupa true atau false'],
    [z.object({ a: z.literal('b') }), { a: 'c' }, 'must be b', 'harus berupa b'],
    [
      z.object({ a: z.number().max(10_000) }),
      { a: 10_001 },
      'must be at most 10,000',
      'harus paling banyak 10.000',
    ],
    [
      z.object({ a: z.string().min(1) }),
      { a: '' },
      'must be at least 1 character',
      'harus paling sedikit 1 karakter',
    ],
    [
      z.object({ a: z.array(z.string()).max(2) }),
      { a: ['', '', ''] },
      'must be at most 2 entries',
      'harus paling banyak 2 entri',
    ],
    [
      z.object({ a: z.iso.date() }),
      { a: 'today' },
      'must be a day such as 2026-07-25',
      'harus berupa tanggal seperti 2026-07-25',
    ],
    [z.object({ a: z.string().regex(/^b/) }), { a: 'c' }, 'has the wrong format', 'formatnya salah'],
    [z.object({ a: z.union([z.string(), z.number()]) }), { a: true }, 'is not valid', 'tidak valid'],
    [
      z.strictObject({}),
      { a: 1 },
      'is not known: check the spelling, or leave it out',
      'tidak dikenal: periksa ejaannya, atau hapus',
    ],
  ])('reports case %# in each language, with numbers as people read them', (faulty, value, en, id) => {
    try {
      parseWith(faulty, value);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ errors: [{ path: 'a', message: { en, id } }] });
    }
  });

  it('reports the message that the schema defines, in each language if it has both', () => {
    const texts = { en: 'must be even', id: 'harus genap' };
    const even = z.number().refine((given) => given % 2 === 0, inEachLanguage(texts));
    const fault = (message: unknown) =>
      expect.objectContaining({ errors: [{ path: '', message }] }) as unknown;
    expect(() => parseWith(even, 1)).toThrow(fault(texts));
    expect(() => parseWith(z.string({ error: 'a name' }), 1)).toThrow(fault('a name'));
  });
});
