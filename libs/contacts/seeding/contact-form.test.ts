import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { readContact } from './contact-form.ts';

function faultsOf(value: unknown): readonly string[] {
  const read = readContact(value, 'acme');
  return read.ok ? [] : read.faults.map(({ path }) => path);
}

describe('a given contact', () => {
  it.each([
    ['_id', { _id: 'c1' }],
    ['id', { id: 'c1' }],
    ['both', { _id: 'c1', id: 'c1', company_id: 'acme' }],
  ])('has its id as %s', (_, value) => {
    expect(readContact(value, 'acme')).toMatchObject({ ok: true, contact: { id: 'c1' } });
  });

  it('may have an ObjectId, which becomes its text', () => {
    const _id = new ObjectId('0123456789abcdef01234567');
    expect(readContact({ _id }, 'acme')).toMatchObject({
      ok: true,
      contact: { id: '0123456789abcdef01234567' },
    });
  });

  it('may hold anything in its fields, for a CRM does', () => {
    const properties = { created_at: 'yesterday', lead_score: ['a'], own: { nested: 1 }, city: null };
    const read = readContact({ ...properties, custom_fields: [{ key: 'k' }] }, 'acme');
    expect(read).toEqual({
      ok: true,
      contact: {
        id: undefined,
        customFields: [{ key: 'k' }],
        properties: new Map<string, unknown>(Object.entries(properties)),
      },
    });
  });

  it.each([
    ['no object', 7, ['']],
    ['a list', [], ['']],
    ['null', null, ['']],
    ['an id that is a number', { id: 5 }, ['id']],
    ['an empty id', { _id: '' }, ['_id']],
    ['two ids', { _id: 'a', id: 'b' }, ['id']],
    ['another company', { company_id: 'b' }, ['company_id']],
    ['an operator as a property', { $where: 1, 'a.b': 2 }, ['$where', 'a.b']],
    ['a prototype', JSON.parse('{"__proto__":{"a":1}}'), ['__proto__']],
    ['custom fields that are no list', { custom_fields: {} }, ['custom_fields']],
    ['a custom field without a key', { custom_fields: [{ value: 1 }] }, ['custom_fields.0.key']],
    [
      'a currency that is none',
      { custom_fields: [{ key: 'k', value: 1, currency_code: 'Rp' }] },
      ['custom_fields.0.currency_code'],
    ],
  ])('is refused when it is or has %s', (_, value, paths) => {
    expect(faultsOf(value)).toEqual(paths);
  });
});
