import type { JsonValue } from '@waybill/formatting';
import { isCalendarDay, parseInstant, type FilterOperator } from '@waybill/domain';
import { Decimal128 } from 'mongodb';

/** A value as the store compares it; a decimal that a double cannot hold stays exact. */
export type StoredValue = string | number | boolean | Date | Decimal128;

/** What a field type can be asked, and how a client's value becomes a stored one. */
export interface FilterKind {
  readonly operators: readonly FilterOperator[];
  /** What a value looks like, for the message. */
  readonly expected: string;
  /** Returns the stored forms that the value may have, or undefined if the type does not accept it. */
  readonly read: (value: JsonValue) => readonly StoredValue[] | undefined;
}

const equality = ['eq', 'ne', 'in', 'exists'] as const;
const ordered = [...equality, 'gte', 'lte'] as const;

const textValue = (value: JsonValue) => (typeof value === 'string' && value !== '' ? [value] : undefined);

const text: FilterKind = { operators: [...equality, 'contains'], expected: 'a text', read: textValue };
const key: FilterKind = { operators: equality, expected: 'a key or an id', read: textValue };
const keys: FilterKind = { ...key, operators: [...equality, 'contains'] };

const number: FilterKind = {
  operators: ordered,
  expected: 'a number, or a decimal as text',
  read: readNumber,
};

const date: FilterKind = {
  operators: ordered,
  expected: 'a day as YYYY-MM-DD',
  read: (value) => (typeof value === 'string' && isCalendarDay(value) ? [value] : undefined),
};

const datetime: FilterKind = {
  operators: ordered,
  expected: 'an instant with its offset, such as 2026-11-24T09:00:00+07:00',
  read: (value) => {
    const instant = typeof value === 'string' ? parseInstant(value) : undefined;
    return instant === undefined ? undefined : [instant];
  },
};

const checkbox: FilterKind = {
  operators: ['eq', 'ne', 'exists'],
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? [value] : undefined),
};

/** Of a type that this version does not know, only whether there is a value. */
const unknown: FilterKind = { operators: ['exists'], expected: 'true or false', read: () => undefined };

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

export function filterKindOf(fieldType: string): FilterKind {
  return kinds.get(fieldType) ?? unknown;
}

const decimal = /^-?\d{1,34}(\.\d{1,34})?$/;

/** Numbers are stored as numbers or as decimal texts, so equality looks for both. */
function readNumber(value: JsonValue): readonly StoredValue[] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? [value, String(value)] : undefined;
  if (typeof value !== 'string' || !decimal.test(value)) return undefined;
  const asNumber = Number(value);
  if (String(asNumber) === value) return [asNumber, value];
  try {
    return [Decimal128.fromString(value), value];
  } catch {
    // More digits than a Decimal128 has: only the text can be equal.
    return undefined;
  }
}
