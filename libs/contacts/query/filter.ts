import type { FieldFault, Texts } from '@waybill/errors';
import type { JsonValue } from '@waybill/formatting';
import type { Filter } from 'mongodb';
import { criterionInvalid, noSuchField, wordsOf } from './criterion.ts';
import { placeOf } from '../fields/field-place.ts';
import { filterKindOf, trueOrFalse, type StoredValue } from './filter-values.ts';
import type { ContactDocument, ContactQuery, CriterionFilter, FieldProperty } from '../types.ts';

/** Part of a query. Only this file and sorting.ts create one, from known fields and operators. */
export type Condition = Filter<ContactDocument>;

/** Properties that a search compares. */
const searchedPaths = ['first_name', 'last_name', 'email', 'phone', 'mobile_phone'] as const;

/** Matches no contact. */
const nothing: Condition = { _id: { $in: [] } };

/** Matches a property with a value: not missing, null, the empty text or the empty list. */
const filled = { $nin: [null, ''], $not: { $size: 0 } };

/**
 * Returns the condition of a query. It contains what a client sent only as values, never as names or operators.
 * @throws ExportError `VALIDATION_FAILED` if a filter does not fit the company's fields.
 */
export function compileQuery(query: ContactQuery, properties: readonly FieldProperty[]): Condition {
  const byName = new Map(properties.map((property) => [property.name, property]));
  const conditions: Condition[] = [];
  const faults: FieldFault[] = [];
  for (const [index, filter] of (query.criterion?.filters ?? []).entries()) {
    const compiled = compileFilter(filter, byName.get(filter.field), `criterion.filters.${index}`);
    if ('message' in compiled) faults.push(compiled);
    else conditions.push(compiled.condition);
  }
  if (faults.length > 0) throw criterionInvalid(faults);
  // A person who may not see a field may not find out its value with a search either.
  const searched = searchedPaths.filter((path) => byName.get(path)?.is_hidden !== true);
  for (const word of wordsOf(query.criterion?.search ?? '')) {
    conditions.push(
      searched.length === 0 ? nothing : { $or: searched.map((path) => ({ [path]: containing(word) })) },
    );
  }
  return {
    company_id: query.companyId,
    ...(query.sources === undefined || query.sources.length === 0
      ? {}
      : { source: { $in: [...query.sources] } }),
    ...createdBetween(query),
    ...(conditions.length === 0 ? {} : { $and: conditions }),
  };
}

function createdBetween({ createdFrom, createdBefore }: ContactQuery): Condition {
  if (createdFrom === undefined && createdBefore === undefined) return {};
  return {
    created_at: {
      ...(createdFrom === undefined ? {} : { $gte: new Date(createdFrom) }),
      ...(createdBefore === undefined ? {} : { $lt: new Date(createdBefore) }),
      // A list of dates would match with one entry after the start and another before the end.
      $not: { $type: 'array' },
    },
  };
}

/** Characters with a meaning in PCRE, which MongoDB uses. RegExp.escape writes `\u`, which PCRE does not accept. */
const special = /[\\^$.*+?()[\]{}|]/g;

/** Returns the condition that a value contains the text, in any case. */
function containing(part: string) {
  return { $regex: part.replace(special, '\\$&'), $options: 'i' };
}

type Compiled = { readonly condition: Condition } | FieldFault;

function compileFilter(filter: CriterionFilter, property: FieldProperty | undefined, path: string): Compiled {
  const place = property === undefined ? undefined : placeOf(property);
  if (property === undefined || place === undefined) {
    return { path: `${path}.field`, message: noSuchField };
  }
  const kind = filterKindOf(property.field_type);
  if (!kind.operators.includes(filter.op)) {
    const operators = kind.operators.join(', ');
    const message = {
      en: `a field of type ${property.field_type} accepts ${operators}`,
      id: `bidang bertipe ${property.field_type} menerima ${operators}`,
    };
    return { path: `${path}.op`, message };
  }
  const test = testOf(filter, property);
  if (test === undefined) {
    return { path: `${path}.value`, message: expectedOf(filter, kind.expected) };
  }
  const condition =
    place.kind === 'custom'
      ? { custom_fields: { $elemMatch: { key: place.key, value: test.value } } }
      : inProperty(place.path, property, test.value);
  return { condition: test.negated ? { $nor: [condition] } : condition };
}

function inProperty(path: string, property: FieldProperty, value: Test['value']): Condition {
  // Money is stored as {value, currency_code}, or as a bare number in the field's own currency.
  if (property.validation.number?.number_type !== 'currency') return { [path]: value };
  return {
    $or: [
      { [`${path}.value`]: value },
      { [path]: { $type: ['number', 'string'] }, $and: [{ [path]: value }] },
    ],
  };
}

interface Test {
  /** Condition on the stored value. */
  readonly value: Readonly<Record<string, unknown>>;
  /** True if the condition must not hold. Contacts without a value then match too. */
  readonly negated: boolean;
}

function testOf({ op, value }: CriterionFilter, { field_type }: FieldProperty): Test | undefined {
  if (op === 'exists') return typeof value === 'boolean' ? { value: filled, negated: !value } : undefined;
  const { read } = filterKindOf(field_type);
  const found = op === 'in' ? readList(value, read) : read(value);
  const first = found?.[0];
  if (found === undefined || first === undefined) return undefined;
  switch (op) {
    case 'eq':
    case 'in':
      return { value: { $in: found }, negated: false };
    case 'ne':
      return { value: { $in: found }, negated: true };
    case 'contains':
      // A list contains its keys, and a text contains any part of it.
      return { value: isListType(field_type) ? { $in: found } : containing(String(first)), negated: false };
    case 'gte':
      return { value: { $gte: first }, negated: false };
    case 'lte':
      return { value: { $lte: first }, negated: false };
  }
}

function readList(
  value: JsonValue,
  read: (value: JsonValue) => readonly StoredValue[] | undefined,
): readonly StoredValue[] | undefined {
  if (!isList(value)) return undefined;
  const found = value.map(read);
  return found.every((each) => each !== undefined) ? found.flat() : undefined;
}

function expectedOf({ op }: CriterionFilter, one: Texts): Texts {
  if (op === 'in') return { en: `must be a list, each entry ${one.en}`, id: `harus berupa daftar ${one.id}` };
  const { en, id } = op === 'exists' ? trueOrFalse : one;
  return { en: `must be ${en}`, id: `harus berupa ${id}` };
}

function isListType(fieldType: string): boolean {
  return fieldType === 'multiple_select' || fieldType === 'association';
}

/** Narrows a value to a list, because Array.isArray does not narrow a union to a readonly array. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
