import type { Language, Texts } from '@waybill/errors';
import type { z } from 'zod';

/** The words of one language for the faults of a field. */
interface Words {
  readonly required: string;
  readonly invalid: string;
  readonly unknown: string;
  readonly malformed: string;
  readonly types: Readonly<Record<string, string>>;
  readonly mustBe: (what: string) => string;
  readonly oneOf: (values: string) => string;
  readonly size: (bound: 'least' | 'most', quantity: string) => string;
  readonly characters: (count: string) => string;
  readonly entries: (count: string) => string;
  readonly formats: Readonly<Record<string, string>>;
}

const english: Words = {
  required: 'is required',
  invalid: 'is not valid',
  unknown: 'is not known: check the spelling, or leave it out',
  malformed: 'has the wrong format',
  types: {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
  },
  mustBe: (what) => `must be ${what}`,
  oneOf: (values) => `one of ${values}`,
  size: (bound, quantity) => `must be at ${bound} ${quantity}`,
  characters: (count) => (count === '1' ? '1 character' : `${count} characters`),
  entries: (count) => (count === '1' ? '1 entry' : `${count} entries`),
  formats: { date: 'a day such as 2026-07-25', datetime: 'an instant such as 2026-07-25T09:30:00Z' },
};

const indonesian: Words = {
  required: 'wajib diisi',
  invalid: 'tidak valid',
  unknown: 'tidak dikenal: periksa ejaannya, atau hapus',
  malformed: 'formatnya salah',
  types: {
    string: 'teks',
    number: 'angka',
    int: 'bilangan bulat',
    boolean: 'true atau false',
    array: 'daftar',
    object: 'objek',
  },
  mustBe: (what) => `harus berupa ${what}`,
  oneOf: (values) => `salah satu dari ${values}`,
  size: (bound, quantity) => `harus paling ${bound === 'most' ? 'banyak' : 'sedikit'} ${quantity}`,
  characters: (count) => `${count} karakter`,
  entries: (count) => `${count} entri`,
  formats: { date: 'tanggal seperti 2026-07-25', datetime: 'waktu seperti 2026-07-25T09:30:00Z' },
};

/** Returns the standard message of an issue of zod, with numbers as people read them. */
export function fieldMessage(issue: z.core.$ZodIssue): Texts {
  return { en: messageIn('en', english, issue), id: messageIn('id', indonesian, issue) };
}

function messageIn(language: Language, words: Words, issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return words.required;
      const type = words.types[issue.expected];
      return type === undefined ? words.invalid : words.mustBe(type);
    }
    case 'invalid_value': {
      if (issue.input === undefined) return words.required;
      const values = issue.values.map(String).join(', ');
      return words.mustBe(issue.values.length === 1 ? values : words.oneOf(values));
    }
    case 'too_big':
      return words.size('most', quantityOf(language, words, issue.origin, issue.maximum));
    case 'too_small':
      return words.size('least', quantityOf(language, words, issue.origin, issue.minimum));
    case 'invalid_format': {
      const format = words.formats[issue.format];
      return format === undefined ? words.malformed : words.mustBe(format);
    }
    case 'unrecognized_keys':
      return words.unknown;
    default:
      return words.invalid;
  }
}

function quantityOf(language: Language, words: Words, origin: string, size: number | bigint): string {
  const count = new Intl.NumberFormat(language).format(size);
  switch (origin) {
    case 'string':
      return words.characters(count);
    case 'array':
    case 'set':
      return words.entries(count);
    default:
      return count;
  }
}
