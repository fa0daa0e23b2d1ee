import { BSON, Decimal128, Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { parseContactLine } from './contact-line.ts';

/** What MongoDB would be sent. */
const stored = (line: string) => BSON.deserialize(BSON.serialize(parseContactLine(line) as BSON.Document)); // all are objects

describe('a line of a file', () => {
  it('is read as JSON', () => {
    expect(parseContactLine('{"_id":"c1","tags":["vip"],"is_subscribed":true,"lead_score":1.50}')).toEqual({
      _id: 'c1',
      tags: ['vip'],
      is_subscribed: true,
      lead_score: 1.5,
    });
  });

  it.each(['12345678901234567890', '0.1000000000000000055', '-12345678901234567.89'])(
    'keeps every digit of %s',
    (digits) => expect(stored(`{"n":${digits}}`)).toEqual({ n: Decimal128.fromString(digits) }),
  );

  it('keeps the digits of a number that MongoDB has no type for as text', () => {
    const digits = '1234567890'.repeat(5);
    expect(parseContactLine(`{"n":${digits}}`)).toEqual({ n: digits });
  });

  it.each(['0.30000000000000004', '1e3', '100000000000000000000', '-0.0'])('reads %s as a number', (digits) =>
    expect(parseContactLine(`{"n":${digits}}`)).toEqual({ n: Number(digits) }),
  );

  it('understands what mongoexport writes, without losing a digit', () => {
    const line =
      '{"_id":{"$oid":"0123456789abcdef01234567"},"created_at":{"$date":"2026-01-01T00:00:00Z"},"n":{"$numberLong":"9007199254740993"},"d":{"$numberDecimal":"1.50"},"i":7}';
    expect(stored(line)).toMatchObject({
      created_at: new Date('2026-01-01T00:00:00Z'),
      d: Decimal128.fromString('1.50'),
      n: Long.fromString('9007199254740993'),
      i: 7,
    });
  });

  it('throws what JSON.parse throws', () => {
    expect(() => parseContactLine('{oops')).toThrow(SyntaxError);
  });
});
