import type { FieldFault } from '@waybill/errors';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import { criterionInvalid, noSuchField } from './criterion.ts';
import { placeOf } from '../fields/field-place.ts';
import type { Condition } from './filter.ts';
import type { CriterionSort, FieldProperty } from '../types.ts';

/** Type of the values of a sorted field. Contacts with another type of value follow by id. */
export type SortKind = 'date' | 'number' | 'string' | 'bool';

/** Sort with an order for paging: the field, then `_id`, both in one direction. */
export interface Sorting {
  readonly field: string;
  /** Absent if the contacts are sorted by id alone. */
  readonly key?: { readonly path: string; readonly kind: SortKind };
  readonly direction: 'asc' | 'desc';
}

/** Value of the sorted field at which a page ended. */
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

/** Largest time value of a Date in ms (ECMA-262 §21.4.1.1). MongoDB stores larger ones. */
const lastInstant = 8.64e15;

/**
 * Conditions of values that can be sorted. They exclude lists, because MongoDB sorts a list by one entry and may compare
 * another, so a page could repeat or miss contacts. They exclude NaN, which no comparison matches.
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
 * Returns the sort of a criterion; newest first without one.
 * @throws ExportError `VALIDATION_FAILED` if the company has no such field, or the field has no order.
 */
export function compileSort(sort: CriterionSort | undefined, properties: readonly FieldProperty[]): Sorting {
  const { field, direction } = sort ?? newestFirst;
  // The default does not depend on the fields that the company describes.
  if (sort === undefined) return { field, direction, key: { path: 'created_at', kind: 'date' } };
  const property = properties.find((each) => each.name === field);
  if (property === undefined) throw unsortable(noSuchField);
  const place = placeOf(property);
  if (place?.kind !== 'property') {
    throw unsortable({
      en: 'contacts can be sorted by built-in fields only',
      id: 'kontak hanya dapat diurutkan menurut bidang bawaan',
    });
  }
  if (place.path === '_id') return { field, direction };
  const kind = kinds.get(property.field_type);
  if (kind === undefined) {
    throw unsortable({
      en: `contacts cannot be sorted by a field of type ${property.field_type}`,
      id: `kontak tidak dapat diurutkan menurut bidang bertipe ${property.field_type}`,
    });
  }
  const path = property.validation.number?.number_type === 'currency' ? `${place.path}.value` : place.path;
  return { field, direction, key: { path, kind } };
}

function unsortable(message: FieldFault['message']): Error {
  return criterionInvalid([{ path: 'criterion.sort.field', message }]);
}

/** Returns the sort document for MongoDB. */
export function orderOf({ key, direction }: Sorting): Record<string, 1 | -1> {
  const sign = direction === 'asc' ? 1 : -1;
  return key === undefined ? { _id: sign } : { [key.path]: sign, _id: sign };
}

/** Returns the condition of contacts with a value that can be sorted. */
function placedAt({ path, kind }: NonNullable<Sorting['key']>): Condition {
  const [parent = path] = path.split('.');
  // A path through a list of objects has several values, which are not lists themselves.
  const within: Condition = parent === path ? {} : { [parent]: { $not: { $type: 'array' } } };
  return { [path]: valid[kind], ...within };
}

/** Returns the condition of sortable contacts after a position, or of all of them without one. */
export function sortedAfter(
  { key, direction }: Sorting,
  after?: { readonly value: SortValue | undefined; readonly id: string },
): Condition {
  const [beyond, upTo] = direction === 'asc' ? ['$gt', '$gte'] : ['$lt', '$lte'];
  if (key === undefined) return after === undefined ? {} : { _id: { [beyond]: after.id } };
  const placed = placedAt(key);
  if (after?.value === undefined) return placed;
  const { value, id } = after;
  // `upTo` repeats the $or in a form from which MongoDB derives index bounds.
  return {
    $and: [
      placed,
      { [key.path]: { [upTo]: value } },
      { $or: [{ [key.path]: { [beyond]: value } }, { _id: { [beyond]: id } }] },
    ],
  };
}

/** Returns the condition of contacts without a sortable value, after an id if there is one. */
export function unsortedAfter({ key, direction }: Sorting, id?: string): Condition | undefined {
  if (key === undefined) return undefined;
  const beyond = direction === 'asc' ? '$gt' : '$lt';
  const unplaced: Condition = { $nor: [placedAt(key)] };
  return id === undefined ? unplaced : { $and: [unplaced, { _id: { [beyond]: id } }] };
}

/** Returns whether a value can be sorted as that kind. */
export function isSortValue(value: unknown, kind: SortKind): value is SortValue {
  switch (kind) {
    case 'date':
      return value instanceof Date && !Number.isNaN(value.getTime());
    case 'number':
      return (
        typeof value === 'number' || [Long, Decimal128, Double, Int32].some((kind) => value instanceof kind)
      );
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
  }
}
