import { Decimal128, Double, Int32, Long } from 'mongodb';
import { criterionInvalid } from './criterion.ts';
import { placeOf } from '../fields/field-place.ts';
import type { Condition } from './filter.ts';
import type { CriterionSort, FieldProperty } from '../types.ts';

/** What the values of a sorted field are; everything else has no place in the order and follows by id. */
export type SortKind = 'date' | 'number' | 'string' | 'bool';

/** A sort that a query can be paged by: the field, then `_id`, both in one direction. */
export interface Sorting {
  readonly field: string;
  /** Absent when the contacts are sorted by id alone. */
  readonly key?: { readonly path: string; readonly kind: SortKind };
  readonly direction: 'asc' | 'desc';
}

/** The value of the sorted field at which a page ended. */
export type SortValue = Date | number | string | boolean | Long | Decimal128 | Double | Int32;

export const newestFirst: CriterionSort = { field: 'created_at', direction: 'desc' };

const kinds: ReadonlyMap<string, SortKind> = new Map([
  ['datetime', 'date'],
  // Days are stored as YYYY-MM-DD, which sorts as text.
  ['date', 'string'],
  ['number', 'number'],
  ['checkbox', 'bool'],
  ['text', 'string'],
  ['email', 'string'],
  ['url', 'string'],
  ['phone', 'string'],
  ['dropdown', 'string'],
  ['owner', 'string'],
]);

/** The furthest instants that a Date holds (ECMA-262 §21.4.1.1); MongoDB's go further. */
const lastInstant = 8.64e15;

/**
 * What a value must fulfil to have a place in the order. A list has none: MongoDB takes one entry for the order and
 * another for a comparison, so a page would end where it never goes on from. NaN compares as nothing does.
 */
const valid: Readonly<Record<SortKind, Readonly<Record<string, unknown>>>> = {
  date: {
    $type: 'date',
    $gte: new Date(-lastInstant),
    $lte: new Date(lastInstant),
    $not: { $type: 'array' },
  },
  number: { $type: 'number', $gte: -Infinity, $lte: Infinity, $not: { $type: 'array' } },
  string: { $type: 'string', $gt: '', $not: { $type: 'array' } },
  bool: { $type: 'bool', $not: { $type: 'array' } },
};

/**
 * The sort of a criterion, newest first without one.
 * @throws ExportError `VALIDATION_FAILED` where the company has no such field or it cannot be sorted by.
 */
export function compileSort(sort: CriterionSort | undefined, properties: readonly FieldProperty[]): Sorting {
  const { field, direction } = sort ?? newestFirst;
  // Every contact has it, whatever fields the company describes.
  if (sort === undefined) return { field, direction, key: { path: 'created_at', kind: 'date' } };
  const property = properties.find((each) => each.name === field);
  if (property === undefined) throw unsortable('no such field');
  const place = placeOf(property);
  if (place?.kind !== 'property') throw unsortable('contacts can be sorted by built-in fields only');
  if (place.path === '_id') return { field, direction };
  const kind = kinds.get(property.field_type);
  if (kind === undefined) {
    throw unsortable(`contacts cannot be sorted by a field of type ${property.field_type}`);
  }
  const path = property.validation.number?.number_type === 'currency' ? `${place.path}.value` : place.path;
  return { field, direction, key: { path, kind } };
}

function unsortable(message: string): Error {
  return criterionInvalid([{ path: 'criterion.sort.field', message }]);
}

/** The order in which MongoDB returns the contacts. */
export function orderOf({ key, direction }: Sorting): Record<string, 1 | -1> {
  const sign = direction === 'asc' ? 1 : -1;
  return key === undefined ? { _id: sign } : { [key.path]: sign, _id: sign };
}

/** The contacts with a place in the order. */
function placedAt({ path, kind }: NonNullable<Sorting['key']>): Condition {
  const [parent = path] = path.split('.');
  // Through a list of objects, a path leads to several values, none of them a list.
  const within: Condition = parent === path ? {} : { [parent]: { $not: { $type: 'array' } } };
  return { [path]: valid[kind], ...within };
}

/** The contacts with a place in the order that come after one of them, or all of them. */
export function sortedAfter(
  { key, direction }: Sorting,
  after?: { readonly value: SortValue | undefined; readonly id: string },
): Condition {
  const [beyond, upTo] = direction === 'asc' ? ['$gt', '$gte'] : ['$lt', '$lte'];
  if (key === undefined) return after === undefined ? {} : { _id: { [beyond]: after.id } };
  const placed = placedAt(key);
  if (after?.value === undefined) return placed;
  const { value, id } = after;
  // `upTo` says again what the $or says, in the form from which MongoDB takes the bounds of an index.
  return {
    $and: [
      placed,
      { [key.path]: { [upTo]: value } },
      { $or: [{ [key.path]: { [beyond]: value } }, { _id: { [beyond]: id } }] },
    ],
  };
}

/** The contacts without a place in the order, by id. */
export function unsortedAfter({ key, direction }: Sorting, id?: string): Condition | undefined {
  if (key === undefined) return undefined;
  const beyond = direction === 'asc' ? '$gt' : '$lt';
  const unplaced: Condition = { $nor: [placedAt(key)] };
  return id === undefined ? unplaced : { $and: [unplaced, { _id: { [beyond]: id } }] };
}

/** Whether a value can stand in a sort of that kind. */
export function isSortValue(value: unknown, kind: SortKind): value is SortValue {
  switch (kind) {
    case 'date':
      return value instanceof Date && !Number.isNaN(value.getTime());
    case 'number':
      return (
        typeof value === 'number' ||
        value instanceof Long ||
        value instanceof Decimal128 ||
        value instanceof Double ||
        value instanceof Int32
      );
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
  }
}
