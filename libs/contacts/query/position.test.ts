import { Decimal128, Double, Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { defaultProperties } from '@waybill/fixtures';
import { decodePosition, encodePosition } from './position.ts';
import { compileSort, type SortValue } from './sorting.ts';
import { cursor } from '../types.ts';

const properties = defaultProperties();
const newest = compileSort(undefined, properties);
const byScore = compileSort({ field: 'lead_score', direction: 'asc' }, properties);
const byCity = compileSort({ field: 'city', direction: 'asc' }, properties);

const refused = /Correct the fields/;

describe('the cursor of a page', () => {
  it('a cursor restores an instant', () => {
    const position = { pass: 'sorted', value: new Date(1_795_508_726_241), id: 'c9' } as const;
    expect(decodePosition(encodePosition(position, newest), newest)).toEqual(position);
  });

  it.each([
    ['a Long that no double holds', Long.fromString('9007199254740993')],
    ['a Decimal128', Decimal128.fromString('0.1000000000000000055511151231257827')],
    ['a double', new Double(0.1)],
  ])('a cursor restores %s with every digit', (_, value) => {
    const position = { pass: 'sorted', value, id: 'c9' } as const;
    const decoded = decodePosition(encodePosition(position, byScore), byScore);
    expect(String('value' in decoded ? decoded.value : undefined)).toBe(value.toString());
  });

  it('a cursor is safe in a URL for any value', () => {
    const position = { pass: 'sorted', value: 'Łódź/?&=+ 🎁', id: 'ü"\\' } as const;
    const encoded = encodePosition(position, byCity);
    expect(encoded).toMatch(/^[\w-]+$/);
    expect(decodePosition(encoded, byCity)).toEqual(position);
  });

  it('a cursor restores the position among the contacts without a value', () => {
    const position = { pass: 'rest', id: 'c9' } as const;
    expect(decodePosition(encodePosition(position, newest), newest)).toEqual(position);
  });

  it('a cursor is rejected by a query with another sort', () => {
    const position = encodePosition({ pass: 'sorted', value: new Date(0), id: 'c9' }, newest);
    expect(() => decodePosition(position, byCity)).toThrow(refused);
  });

  it.each([
    ['no cursor at all', 'hello'],
    ['nothing', ''],
    ['JSON of another form', encode({ a: 1 })],
    ['a value of another type', forged('{"v":"text"}')],
    ['an operator instead of a value', forged('{"v":{"$gt":""}}')],
    ['a value that is not JSON', forged('{')],
    [
      'no id',
      encode({ f: 'created_at', d: 'desc', p: 'sorted', v: '{"v":{"$date":"2026-01-01T00:00:00Z"}}' }),
    ],
  ])('a cursor is rejected if it holds %s', (_, text) => {
    expect(() => decodePosition(cursor(text), newest)).toThrow(refused);
  });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function forged(v: string): string {
  return encode({ f: 'created_at', d: 'desc', p: 'sorted', v, i: 'c9' } satisfies Record<string, SortValue>);
}
