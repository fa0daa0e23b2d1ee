import { describe, expect, it } from 'vitest';
import { defaultProperties } from '../fields/default-layouts.ts';
import { compileSort, orderOf, sortedAfter, unsortedAfter } from './sorting.ts';

const properties = defaultProperties();
const newest = compileSort(undefined, properties);
const byScore = compileSort({ field: 'lead_score', direction: 'asc' }, properties);
const byValue = compileSort({ field: 'lifetime_value', direction: 'asc' }, properties);
const byId = compileSort({ field: 'id', direction: 'asc' }, properties);

describe('a sort', () => {
  it('is newest first by default, whatever fields a company describes [R13]', () => {
    expect(compileSort(undefined, [])).toEqual(newest);
    expect(newest).toEqual({
      field: 'created_at',
      direction: 'desc',
      key: { path: 'created_at', kind: 'date' },
    });
  });

  it('always ends in the id, in the direction of the field [R13]', () => {
    expect(orderOf(newest)).toEqual({ created_at: -1, _id: -1 });
    expect(orderOf(byScore)).toEqual({ lead_score: 1, _id: 1 });
    expect(orderOf(byId)).toEqual({ _id: 1 });
  });

  it('compares money by its value', () => {
    expect(byValue.key).toEqual({ path: 'lifetime_value.value', kind: 'number' });
  });

  it.each(['nope', 'loyalty_tier', 'tags', 'notes', 'companies'])(
    'is refused by %s, which has no order',
    (field) => {
      expect(() => compileSort({ field, direction: 'asc' }, properties)).toThrow(
        expect.objectContaining({ code: 'VALIDATION_FAILED' }),
      );
    },
  );
});

describe('the contacts after one of them', () => {
  it('are those beyond its value, and those of its value beyond its id', () => {
    const after = { value: new Date(5), id: 'c9' };
    expect(sortedAfter(newest, after)).toMatchObject({
      $and: [
        { created_at: { $type: 'date' } },
        { created_at: { $lte: after.value } },
        { $or: [{ created_at: { $lt: after.value } }, { _id: { $lt: 'c9' } }] },
      ],
    });
    expect(sortedAfter(byId, { value: undefined, id: 'c9' })).toEqual({ _id: { $gt: 'c9' } });
  });

  it('have no place for NaN, after which MongoDB would find nothing, nor for a list, which it compares by any entry', () => {
    expect(sortedAfter(byScore)).toEqual({
      lead_score: { $type: 'number', $gte: -Infinity, $lte: Infinity, $not: { $type: 'array' } },
    });
  });

  it('have no place for a list of amounts either', () => {
    const { $and } = sortedAfter(byValue, { value: 5, id: 'c9' });
    expect($and?.[0]).toMatchObject({ lifetime_value: { $not: { $type: 'array' } } });
  });

  it('are followed by exactly those without a place', () => {
    expect(unsortedAfter(byScore)).toEqual({ $nor: [sortedAfter(byScore)] });
    expect(unsortedAfter(newest, 'c9')).toEqual({
      $and: [{ $nor: [sortedAfter(newest)] }, { _id: { $lt: 'c9' } }],
    });
    expect(unsortedAfter(byId)).toBeUndefined();
  });
});
