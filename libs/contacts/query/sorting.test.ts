import { describe, expect, it } from 'vitest';
import { defaultProperties } from '@waybill/fixtures';
import { compileSort, orderOf, sortedAfter, unsortedAfter } from './sorting.ts';

const properties = defaultProperties();
const newest = compileSort(undefined, properties);
const byScore = compileSort({ field: 'lead_score', direction: 'asc' }, properties);
const byValue = compileSort({ field: 'lifetime_value', direction: 'asc' }, properties);
const byId = compileSort({ field: 'id', direction: 'asc' }, properties);

describe('sort order', () => {
  it('the default sort is newest first, whatever fields a company describes [R13]', () => {
    expect(compileSort(undefined, [])).toEqual(newest);
    expect(newest).toEqual({
      field: 'created_at',
      direction: 'desc',
      key: { path: 'created_at', kind: 'date' },
    });
  });

  it('every sort ends in the id, in the direction of the field [R13]', () => {
    expect(orderOf(newest)).toEqual({ created_at: -1, _id: -1 });
    expect(orderOf(byScore)).toEqual({ lead_score: 1, _id: 1 });
    expect(orderOf(byId)).toEqual({ _id: 1 });
  });

  it('a sort by money compares the value', () => {
    expect(byValue.key).toEqual({ path: 'lifetime_value.value', kind: 'number' });
  });

  it.each(['nope', 'loyalty_tier', 'tags', 'notes', 'companies'])(
    'a sort by %s is rejected, because the field has no order',
    (field) => {
      expect(() => compileSort({ field, direction: 'asc' }, properties)).toThrow(
        expect.objectContaining({ code: 'VALIDATION_FAILED' }),
      );
    },
  );
});

describe('contacts after a position', () => {
  it('contacts after a position have a value beyond it, or the same value and an id beyond it', () => {
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

  it('sorted contacts exclude NaN, after which MongoDB would find nothing, and lists, which it compares by any entry', () => {
    expect(sortedAfter(byScore)).toEqual({
      lead_score: { $type: 'number', $gte: -Infinity, $lte: Infinity, $not: { $type: 'array' } },
    });
  });

  it('sorted contacts exclude lists of amounts', () => {
    const { $and } = sortedAfter(byValue, { value: 5, id: 'c9' });
    expect($and?.[0]).toMatchObject({ lifetime_value: { $not: { $type: 'array' } } });
  });

  it('unsorted contacts are exactly those that the sort excludes', () => {
    expect(unsortedAfter(byScore)).toEqual({ $nor: [sortedAfter(byScore)] });
    expect(unsortedAfter(newest, 'c9')).toEqual({
      $and: [{ $nor: [sortedAfter(newest)] }, { _id: { $lt: 'c9' } }],
    });
    expect(unsortedAfter(byId)).toBeUndefined();
  });
});
