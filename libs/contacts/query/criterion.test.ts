import { ExportError } from '@waybill/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criterionLimits, parseCriterion } from './criterion.ts';

function pathsOf(value: unknown): readonly string[] {
  try {
    parseCriterion(value);
    return [];
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    expect(error.code).toBe('VALIDATION_FAILED');
    return error.errors.map(({ path }) => path);
  }
}

describe('parseCriterion', () => {
  it('parseCriterion accepts search, filters and sort', () => {
    const criterion = {
      search: 'siti 0812',
      filters: [{ field: 'city', op: 'in', value: ['Medan', 'Bandung'] }],
      sort: { field: 'city', direction: 'asc' },
    };
    expect(parseCriterion(criterion)).toEqual(criterion);
  });

  it('parseCriterion accepts a criterion without filters, which selects all contacts', () => {
    expect(parseCriterion({})).toEqual({ filters: [] });
  });

  it.each([
    ['a misspelt key', { filter: [] }, ['criterion']],
    [
      'an operator of MongoDB',
      { filters: [{ field: 'city', op: '$where', value: '1' }] },
      ['criterion.filters.0.op'],
    ],
    [
      'an object as a value',
      { filters: [{ field: 'city', op: 'eq', value: { $gt: '' } }] },
      ['criterion.filters.0.value'],
    ],
    [
      'an object in a list',
      { filters: [{ field: 'a', op: 'in', value: [{ $gt: '' }] }] },
      ['criterion.filters.0.value'],
    ],
    ['an empty list', { filters: [{ field: 'city', op: 'in', value: [] }] }, ['criterion.filters.0.value']],
    [
      'a field that is not a text',
      { filters: [{ field: ['a'], op: 'eq', value: 1 }] },
      ['criterion.filters.0.field'],
    ],
    ['a direction of MongoDB', { sort: { field: 'city', direction: -1 } }, ['criterion.sort.direction']],
    ['a NUL character', { search: 'a\0b' }, ['criterion.search']],
    ['too many words', { search: 'w '.repeat(criterionLimits.searchWords + 1) }, ['criterion.search']],
    ['a text too long', { search: 'w'.repeat(criterionLimits.searchLength + 1) }, ['criterion.search']],
    ['no object', 'all', ['criterion']],
  ])('parseCriterion rejects %s with its path', (_, value, paths) => {
    expect(pathsOf(value)).toEqual(paths);
  });

  it('parseCriterion rejects more filters than a query answers in time', () => {
    const filter = { field: 'city', op: 'eq', value: 'Medan' };
    expect(pathsOf({ filters: new Array(criterionLimits.filters + 1).fill(filter) })).toEqual([
      'criterion.filters',
    ]);
  });

  it('parseCriterion returns a criterion or throws VALIDATION_FAILED for any input', () => {
    fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (value) => void pathsOf(value)));
  });
});
