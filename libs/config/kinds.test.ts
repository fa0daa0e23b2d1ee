import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { decimal, flag, integer, list, listOf, oneOf, text, url } from './index.ts';

const accepted: readonly (readonly [string, z.ZodType, string, unknown])[] = [
  ['a text', text(), 'x', 'x'],
  ['a whole number', integer(), '8388608', 8_388_608],
  ['the lower limit', integer({ min: -5, max: 5 }), '-5', -5],
  ['the upper limit', integer({ min: -5, max: 5 }), '5', 5],
  ['a decimal', decimal({ min: 0, max: 1 }), '0.25', 0.25],
  ['true', flag(), 'true', true],
  ['false', flag(), 'false', false],
  ['a choice', oneOf(['a', 'b']), 'b', 'b'],
  ['a list with blanks', list(), 'a, b', ['a', 'b']],
  ['a list of choices', listOf(['a', 'b']), 'b,a', ['b', 'a']],
  ['a URL without its last slash', url('http'), 'http://h:1/x/', 'http://h:1/x'],
];

const refused: readonly (readonly [string, z.ZodType, string, string])[] = [
  ['an empty text', text(), '', 'expected some text'],
  ['hexadecimal digits', integer(), '0x10', 'expected a whole number of at least 0'],
  ['an exponent', integer(), '1e3', 'expected a whole number of at least 0'],
  ['a blank', integer(), ' 1', 'expected a whole number of at least 0'],
  ['a fraction', integer({ max: 9 }), '1.5', 'expected a whole number from 0 to 9'],
  ['a number above the limit', integer({ max: 9 }), '10', 'expected a whole number from 0 to 9'],
  ['a number above 2^53', integer(), '9007199254740993', 'expected a whole number of at least 0'],
  [
    'a decimal without digits before the point',
    decimal({ min: 0, max: 1 }),
    '.5',
    'expected a number from 0 to 1',
  ],
  ['1 as a flag', flag(), '1', 'expected true or false'],
  ['another choice', oneOf(['a', 'b']), 'c', 'expected one of a, b'],
  ['an empty item in a list', list(), 'a,,b', 'expected values with commas between them'],
  ['an item outside of the choices', listOf(['a', 'b']), 'a,c', 'expected a list of a, b'],
  [
    'another protocol',
    url('http', 'https'),
    'ftp://h',
    'expected a URL that begins with http:// or https://',
  ],
  ['a text that is not a URL', url('http'), 'localhost:80', 'expected a URL that begins with http://'],
];

describe('kinds of settings', () => {
  it.each(accepted)('accept %s', (_, schema, value, expected) => {
    expect(schema.parse(value)).toEqual(expected);
  });

  it.each(refused)('reject %s with a message that names what is expected', (_, schema, value, message) => {
    expect(schema.safeParse(value).error?.issues.map((issue) => issue.message)).toContain(message);
  });
});
