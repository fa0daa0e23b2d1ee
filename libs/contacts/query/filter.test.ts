import { ExportError } from '@waybill/errors';
import type { JsonValue } from '@waybill/formatting';
import { companyId, filterOperators, type FilterOperator } from '@waybill/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultProperties } from '@waybill/fixtures';
import { compileQuery } from './filter.ts';
import type { CriterionFilter, FieldProperty } from '../types.ts';

const company = companyId('acme');
const properties = defaultProperties();

function compile(
  filters: readonly CriterionFilter[],
  search?: string,
  fields: readonly FieldProperty[] = properties,
) {
  const criterion = { filters, ...(search === undefined ? {} : { search }) };
  return compileQuery({ companyId: company, criterion }, fields);
}

function faultsOf(filters: readonly CriterionFilter[], fields?: readonly FieldProperty[]) {
  try {
    compile(filters, undefined, fields);
    return [];
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    return error.errors;
  }
}

const operators = new Set([
  '$and',
  '$or',
  '$nor',
  '$not',
  '$in',
  '$nin',
  '$gte',
  '$lte',
  '$lt',
  '$regex',
  '$options',
  '$elemMatch',
  '$type',
  '$size',
]);
const ownPaths = new Set(['company_id', 'custom_fields', 'key', 'value', 'created_at', 'source']);

/** Every name that stands before a value anywhere in a query. */
function namesIn(query: unknown): readonly string[] {
  if (Array.isArray(query)) return query.flatMap(namesIn);
  if (typeof query !== 'object' || query === null || Object.getPrototypeOf(query) !== Object.prototype) {
    return [];
  }
  return Object.entries(query).flatMap(([name, value]) => [name, ...namesIn(value)]);
}

describe('compileQuery', () => {
  it('a compiled query always names the company', () => {
    expect(compileQuery({ companyId: company }, properties)).toEqual({ company_id: 'acme' });
    expect(compile([{ field: 'city', op: 'eq', value: 'Medan' }], 'siti')).toMatchObject({
      company_id: 'acme',
    });
  });

  it('a compiled query contains only names of known fields and operators, whatever a client sends', () => {
    const paths = new Set(properties.flatMap(({ name }) => [name, `${name}.value`]));
    for (const path of ['_id', 'owner_id', 'associated_company_ids', 'associated_deal_ids']) paths.add(path);
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('$where', '$gt', 'a.b', '__proto__', '.*', '\\E', "';--"),
    );
    const value: fc.Arbitrary<JsonValue> = fc.oneof(
      hostile,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(hostile),
      fc.constant('2026-11-24'),
      fc.constant('2026-11-24T09:00:00+07:00'),
    );
    const field = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...properties.map(({ name }) => name)) },
      { weight: 1, arbitrary: hostile },
    );
    const filter = fc.record({ field, op: fc.constantFrom(...filterOperators), value });
    let compiled = 0;
    fc.assert(
      fc.property(filter, hostile, (each, search) => {
        if (faultsOf([each]).length > 0) return;
        compiled += 1;
        for (const name of namesIn(compile([each], search))) {
          expect(operators.has(name) || ownPaths.has(name) || paths.has(name), name).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    // Otherwise nothing was looked at.
    expect(compiled).toBeGreaterThan(30);
  });

  it('the operator contains matches the text literally, also characters with a meaning in a pattern', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), fc.string(), (part, before, after) => {
        const query = JSON.stringify(compile([{ field: 'notes', op: 'contains', value: part }]));
        const { $regex: pattern } = (JSON.parse(query) as { $and: [{ notes: { $regex: string } }] }).$and[0]
          .notes; // compiled above
        expect(new RegExp(pattern).test(before + part + after)).toBe(true);
        expect(new RegExp(`^(?:${pattern})$`).exec(part)?.[0]).toBe(part);
      }),
    );
  });

  it('a search looks for each word in names, email and phone numbers', () => {
    const { $and } = compile([], ' Siti  +62 ');
    expect($and).toHaveLength(2);
    expect(JSON.stringify($and?.[1])).toContain('"phone":{"$regex":"\\\\+62","$options":"i"}');
  });

  it('a period is half-open and excludes lists of dates', () => {
    expect(compileQuery({ companyId: company, createdFrom: 1, createdBefore: 9 }, properties)).toEqual({
      company_id: 'acme',
      created_at: { $gte: new Date(1), $lt: new Date(9), $not: { $type: 'array' } },
    });
  });

  it('a filter on money compares its value, and a number also as text', () => {
    const query = JSON.stringify(compile([{ field: 'lifetime_value', op: 'eq', value: 12.5 }]));
    expect(query).toContain('"lifetime_value.value":{"$in":[12.5,"12.5"]}');
  });
});

describe('invalid filters', () => {
  const cases: readonly [string, CriterionFilter, string][] = [
    ['an unknown field', { field: 'nope', op: 'eq', value: 'a' }, 'field'],
    ['a name inherited by every object', { field: 'constructor', op: 'eq', value: 'a' }, 'field'],
    ['an order of texts', { field: 'city', op: 'gte', value: 'a' }, 'op'],
    ['a part of a number', { field: 'lead_score', op: 'contains', value: '1' }, 'op'],
    ['a value of a type that is not known', { field: 'preferences', op: 'eq', value: 'a' }, 'op'],
    ['a text for a number', { field: 'lead_score', op: 'gte', value: 'many' }, 'value'],
    ['a day that the calendar lacks', { field: 'birth_date', op: 'eq', value: '2026-02-30' }, 'value'],
    [
      'an instant without an offset',
      { field: 'created_at', op: 'gte', value: '2026-11-24T09:00:00' },
      'value',
    ],
    ['a text for a boolean', { field: 'is_subscribed', op: 'eq', value: 'yes' }, 'value'],
    ['one value for in', { field: 'city', op: 'in', value: 'Medan' }, 'value'],
    ['a list for eq', { field: 'city', op: 'eq', value: ['Medan'] }, 'value'],
    ['a text for exists', { field: 'city', op: 'exists', value: 'true' }, 'value'],
    ['null for a text', { field: 'city', op: 'eq', value: null }, 'value'],
  ];

  it.each(cases)('a filter is rejected for %s', (_, filter, at) => {
    expect(faultsOf([filter])).toMatchObject([{ path: `criterion.filters.0.${at}` }]);
  });

  it('a search does not look into a field that the company hides', () => {
    const hide = (...names: readonly string[]) =>
      properties.map((property) =>
        names.includes(property.name) ? { ...property, is_hidden: true } : property,
      );
    const searched = (...hidden: readonly string[]) => JSON.stringify(compile([], 'ani', hide(...hidden)));
    expect(searched()).toContain('"phone"');
    expect(searched('phone')).not.toContain('"phone"');
    expect(searched('phone')).toContain('"email"');
    const all = ['first_name', 'last_name', 'email', 'phone', 'mobile_phone'];
    expect(compile([], 'ani', hide(...all))).toMatchObject({ $and: [{ _id: { $in: [] } }] });
  });

  it('a rejected filter is reported together with all other faults', () => {
    const wrong = (field: string): CriterionFilter => ({
      field,
      op: 'eq' satisfies FilterOperator,
      value: 1,
    });
    expect(faultsOf([wrong('a'), wrong('lead_score'), wrong('b')]).map(({ path }) => path)).toEqual([
      'criterion.filters.0.field',
      'criterion.filters.2.field',
    ]);
  });

  it('a filter on a property whose name has a meaning in MongoDB is rejected', () => {
    const fields = ['$where', 'a.b', '__proto__ '].map((name): FieldProperty => ({
      name,
      name_alias: name,
      field_type: 'text',
      is_hidden: false,
      is_default: true,
      type: 'contact',
      validation: {},
    }));
    for (const { name } of fields) {
      expect(faultsOf([{ field: name, op: 'eq', value: 'a' }], fields)).toMatchObject([
        { message: { en: 'no such field', id: 'bidang ini tidak ada' } },
      ]);
    }
  });
});
