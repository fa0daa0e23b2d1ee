import { Binary, Decimal128, Long, ObjectId, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { exportColumns } from '../fields/columns.ts';
import { defaultProperties } from '@waybill/fixtures';
import { createRowReader } from './row-values.ts';
import type { ContactDocument } from '../types.ts';

function read(names: readonly string[], contact: Readonly<Record<string, unknown>>) {
  const document: ContactDocument = { ...contact, _id: 'c1', company_id: 'acme' };
  return createRowReader(exportColumns(defaultProperties(), names, 'en')).read(document);
}

const one = (name: string, value: unknown) => read([name], { [name]: value })[0];
const custom = (name: string, ...entries: readonly unknown[]) => read([name], { custom_fields: entries })[0];

describe('row values', () => {
  it.each([
    ['a text', 'city', 'Medan', 'Medan'],
    ['the empty text', 'city', '', ''],
    ['null', 'city', null, null],
    ['a missing property', 'city', undefined, null],
    ['a boolean', 'is_subscribed', false, false],
    ['keys', 'tags', ['vip', 'event'], ['vip', 'event']],
    ['an instant', 'created_at', new Date(1_795_508_726_241), 1_795_508_726_241],
    ['an instant that is a text', 'created_at', 'yesterday', 'yesterday'],
    ['an instant beyond JavaScript', 'created_at', new Date(NaN), 'Invalid Date'],
    ['a day', 'birth_date', '1969-12-31', '1969-12-31'],
    ['a day that was stored as an instant', 'birth_date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a number', 'lead_score', 0.1, 0.1],
    ['a number that JSON lacks', 'lead_score', NaN, 'NaN'],
    ['a Decimal128 that a double holds', 'lead_score', Decimal128.fromString('12.50'), 12.5],
    [
      'a Decimal128 that no double holds',
      'lead_score',
      Decimal128.fromString('0.1000000000000000055'),
      '0.1000000000000000055',
    ],
    ['a Decimal128 without end', 'lead_score', Decimal128.fromString('Infinity'), 'Infinity'],
    ['a Decimal128 too small for a double', 'lead_score', Decimal128.fromString('1E-400'), '1E-400'],
    ['a Decimal128 of zero', 'lead_score', Decimal128.fromString('0E-10'), 0],
    ['a Long that no double holds', 'lead_score', Long.fromString('9007199254740993'), '9007199254740993'],
    [
      'a Long that a double holds',
      'lead_score',
      Long.fromString('-9000000000000000'),
      -9_000_000_000_000_000,
    ],
    ['an ObjectId', 'external_id', new ObjectId('0123456789abcdef01234567'), '0123456789abcdef01234567'],
    ['bytes', 'external_id', new Binary(Buffer.from('hi')), 'aGk='],
    ['an object', 'notes', { a: [new Date(0), null] }, { a: ['1970-01-01T00:00:00.000Z', null] }],
    ['a type that only MongoDB has', 'notes', new Timestamp(1n), '{"$timestamp":{"t":0,"i":1}}'],
  ])('row values are JSON for %s', (_, name, stored, value) => {
    expect(one(name, stored)).toEqual(value);
  });

  it("row values include the contact's own id", () => {
    expect(read(['id'], {})).toEqual(['c1']);
  });

  it('row values have the order of the columns', () => {
    const contact = {
      city: 'Medan',
      first_name: 'Siti',
      custom_fields: [{ key: 'national_id', value: '0012' }],
    };
    expect(read(['national_id', 'first_name', 'postal_code', 'city'], contact)).toEqual([
      '0012',
      'Siti',
      null,
      'Medan',
    ]);
  });
});

describe('money', () => {
  it.each([
    ['its own code', { value: 5, currency_code: 'KWD' }, { value: 5, currency_code: 'KWD' }],
    ['the code of the field', 5, { value: 5, currency_code: 'IDR' }],
    [
      'the code of the field, where its own is empty',
      { value: 5, currency_code: '' },
      { value: 5, currency_code: 'IDR' },
    ],
    [
      'every digit',
      { value: Decimal128.fromString('12345678901234567.89') },
      { value: '12345678901234567.89', currency_code: 'IDR' },
    ],
    ['no code without a value', { value: null, currency_code: 'USD' }, null],
    ['nothing where there is nothing', null, null],
  ])('an amount of money has %s', (_, stored, value) => {
    expect(one('lifetime_value', stored)).toEqual(value);
  });

  it('an amount in a custom field has the currency of its entry, or no currency', () => {
    expect(custom('annual_budget', { key: 'annual_budget', value: 7, currency_code: 'USD' })).toEqual({
      value: 7,
      currency_code: 'USD',
    });
    expect(custom('annual_budget', { key: 'annual_budget', value: 7 })).toBe(7);
  });
});

describe('custom fields in a row [R2]', () => {
  it('a custom field with an instant is read as an instant', () => {
    expect(custom('next_meeting_at', { key: 'next_meeting_at', value: new Date(5) })).toBe(5);
  });

  it('a custom field with two entries has the value of the first', () => {
    expect(
      custom('national_id', { key: 'national_id', value: 'a' }, { key: 'national_id', value: 'b' }),
    ).toBe('a');
  });

  it.each([[null], ['text'], [[null, 5, 'x', {}, []]], [{ key: 'national_id', value: 'a' }]])(
    'custom fields are empty if they are not a list of entries: %j',
    (custom_fields) => expect(read(['national_id'], { custom_fields })).toEqual([null]),
  );
});

describe('the projection', () => {
  const projection = (names: readonly string[]) =>
    createRowReader(exportColumns(defaultProperties(), names, 'en')).projection;

  it('the projection lists only the needed properties, and all custom fields once', () => {
    expect(projection(['owner', 'city', 'national_id', 'interests'])).toEqual({
      _id: 1,
      owner_id: 1,
      city: 1,
      custom_fields: 1,
    });
    expect(projection(['id'])).toEqual({ _id: 1 });
  });
});
