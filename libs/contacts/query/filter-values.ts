import type { Texts } from '@waybill/errors';
import type { JsonValue } from '@waybill/formatting';
import { isCalendarDay, parseInstant, type FilterOperator } from '@waybill/domain';
import { Decimal128 } from 'mongodb';

/** Value as MongoDB compares it. A decimal that a double cannot represent stays exact. */
export type StoredValue = string | number | boolean | Date | Decimal128;

/** Operators of a field type, and the conversion of a client's value to stored ones. */
export interface FilterKind {
  readonly operators: readonly FilterOperator[];
  /** Description of a valid value, for error messages. */
  readonly expected: Texts;
  /** Returns the stored forms that the value may have, or undefined if the type does not accept it. */
  readonly read: (value: JsonValue) => readonly StoredValue[] | undefined;
}

/** What `exists` and a checkbox expect. */
export const trueOrFalse: Texts = { en: 'true or false', id: 'true atau false' };

const equality = ['eq', 'ne', 'in', 'exists'] as const;
const ordered = [...equality, 'gte', 'lte'] as const;

const textValue = (value: JsonValue) => (typeof value === 'string' && value !== '' ? [value] : undefined);

const text: FilterKind = {
  operators: [...equality, 'contains'],
  expected: { en: 'a text', id: 'teks' },
  read: textValue,
};
const key: FilterKind = {
  operators: equality,
  expected: { en: 'a key or an id', id: 'kunci atau id' },
  read: textValue,
};
const keys: FilterKind = { ...key, operators: [...equality, 'contains'] };

const number: FilterKind = {
  operators: ordered,
  expected: { en: 'a number, or a decimal as text', id: 'angka, atau desimal sebagai teks' },
  read: readNumber,
};

const date: FilterKind = {
  operators: ordered,
  expected: { en: 'a day as YYYY-MM-DD', id: 'tanggal sebagai YYYY-MM-DD' },
  read: (value) => (typeof value === 'string' && isCalendarDay(value) ? [value] : undefined),
};

const datetime: FilterKind = {
  operators: ordered,
  expected: {
    en: 'an instant with its offset, such as 2026-11-24T09:00:00+07:00',
    id: 'waktu dengan offset, seperti 2026-11-24T09:00:00+07:00',
  },
  read: (value) => {
    const instant = typeof value === 'string' ? parseInstant(value) : undefined;
    return instant === undefined ? undefined : [instant];
  },
};

const checkbox: FilterKind = {
  operators: ['eq', 'ne', 'exists'],
  expected: trueOrFalse,
  read: (value) => (typeof value === 'boolean' ? [value] : undefined),
};

/** Kind of a type that this version does not know: it can only be checked for a value. */
const unknown: FilterKind = { operators: ['exists'], expected: trueOrFalse, read: () => undefined };

const kinds: ReadonlyMap<string, FilterKind> = new Map([
  ['text', text],
  ['text_area', text],
  ['email', text],
  ['url', text],
  ['phone', text],
  ['id', key],
  ['dropdown', key],
  ['owner', key],
  ['multiple_select', keys],
  ['association', keys],
  ['number', number],
  ['date', date],
  ['datetime', datetime],
  ['checkbox', checkbox],
]);

/** Returns the kind of a field type. */
export function filterKindOf(fieldType: string): FilterKind {
  return kinds.get(fieldType) ?? unknown;
}

const decimal = /^-?\d{1,34}(\.\d{1,34})?$/;

/** Returns a number and its decimal text, because contacts store either. */
function readNumber(value: JsonValue): readonly StoredValue[] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? [value, String(value)] : undefined;
  if (typeof value !== 'string' || !decimal.test(value)) return undefined;
  const asNumber = Number(value);
  if (String(asNumber) === value) return [asNumber, value];
  try {
    return [Decimal128.fromString(value), value];
  } catch {
    // The text has more digits than a Decimal128.
    return undefined;
  }
}
