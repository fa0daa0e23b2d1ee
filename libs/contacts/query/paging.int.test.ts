import { companyId } from '@waybill/domain';
import { Decimal128, Double, Long } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContactSource } from '../index.ts';
import { ensureFields, openCrm } from '@waybill/fixtures';
import type { ContactQuery, Criterion, Cursor } from '../types.ts';

const crm = openCrm();
const source = createContactSource(crm.db);
const acme = companyId('acme');
const other = companyId('other');

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
/** What a sorted field may hold that has no place in the order. */
const misfits: readonly (readonly [string, unknown])[] = [
  ['missing', undefined],
  ['null', null],
  ['text', 'yesterday'],
  ['number', 5],
  ['empty', ''],
  ['list', [at(0), at(9_000_000)]],
  ['long list', [at(-5), 'x', at(5)]],
  ['object', { value: at(0) }],
];

function without(contact: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(contact).filter(([, value]) => value !== undefined));
}

const dated = Array.from({ length: 60 }, (_, index) => ({
  // ids that do not follow the dates
  _id: `d-${(index * 37) % 60}`,
  // four contacts share each instant
  created_at: at(Math.floor(index / 4) * 1000),
  lead_score: [
    index % 7,
    new Double(index / 3),
    Long.fromString('9007199254740993').sub(index % 2),
    Decimal128.fromString(`${index}.5`),
  ][index % 4],
  lifetime_value: { value: index % 9, currency_code: 'IDR' },
  is_subscribed: index % 2 === 0,
  city: `City ${index % 5}`,
}));
const undated = misfits.map(([name, created_at], index) => ({
  ...without({ created_at, lead_score: typeof created_at === 'number' ? NaN : created_at, city: created_at }),
  // A list of amounts, and bare numbers, which are sorted as if there were none.
  lifetime_value: index % 2 === 0 ? [{ value: index }, { value: -1 }] : index,
  _id: `u-${name}`,
}));

beforeAll(async () => {
  await ensureFields(crm.db, acme);
  await crm.insert(acme, [...dated, ...undated]);
  await crm.insert(other, [{ _id: 'o-1', created_at: at(500) }, { _id: 'o-2' }]);
});
afterAll(() => crm[Symbol.asyncDispose]());

async function allPages(query: ContactQuery, limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: Cursor | undefined;
  // A page that leads back would never end.
  for (let pages = 0; pages < 200; pages += 1) {
    const page = await source.selectIds(query, { limit, ...(after === undefined ? {} : { after }) });
    expect(page.ids.length).toBeLessThanOrEqual(limit);
    ids.push(...page.ids);
    if (page.next === undefined) return ids;
    expect(page.ids).toHaveLength(limit);
    after = page.next;
  }
  throw new Error('the pages have no end');
}

const everyId = [...dated, ...undated].map(({ _id }) => _id).sort();

describe('paging by key', () => {
  it.each([1, 3, 4, 7, 68, 100])('pages of %d yield each contact exactly once', async (limit) => {
    const ids = await allPages({ companyId: acme }, limit);
    expect([...ids].sort()).toEqual(everyId);
  });

  it('the default order is newest first, then by id, and contacts without a valid date follow by id', async () => {
    const newest = [...dated].sort(
      (left, right) =>
        right.created_at.getTime() - left.created_at.getTime() || (left._id < right._id ? 1 : -1),
    );
    const rest = undated
      .map(({ _id }) => _id)
      .sort()
      .reverse();
    expect(await allPages({ companyId: acme }, 7)).toEqual([...newest.map(({ _id }) => _id), ...rest]);
  });

  const sorts: readonly NonNullable<Criterion['sort']>[] = [
    { field: 'created_at', direction: 'asc' },
    { field: 'lead_score', direction: 'asc' },
    { field: 'lead_score', direction: 'desc' },
    { field: 'is_subscribed', direction: 'desc' },
    { field: 'city', direction: 'asc' },
    { field: 'lifetime_value', direction: 'asc' },
    { field: 'lifetime_value', direction: 'desc' },
    { field: 'id', direction: 'asc' },
    { field: 'id', direction: 'desc' },
  ];

  it.each(sorts)('pages sorted by $field $direction yield each contact exactly once', async (sort) => {
    const query: ContactQuery = { companyId: acme, criterion: { filters: [], sort } };
    const ids = await allPages(query, 5);
    expect([...ids].sort()).toEqual(everyId);
    expect(await allPages(query, 1000)).toEqual(ids);
  });

  it('pages sorted by a number order all number types together', async () => {
    const ids = await allPages(
      { companyId: acme, criterion: { filters: [], sort: { field: 'lead_score', direction: 'asc' } } },
      9,
    );
    const scores = new Map(dated.map(({ _id, lead_score }) => [_id, Number(String(lead_score))]));
    const sorted = ids.slice(0, dated.length).map((id) => scores.get(id) ?? NaN);
    expect(sorted).toEqual([...sorted].sort((left, right) => left - right));
  });

  it('the next page continues at its position although contacts were added and removed', async () => {
    const first = await source.selectIds({ companyId: acme }, { limit: 10 });
    await crm.insert(acme, [{ _id: 'new', created_at: at(9_999_999) }]);
    await crm.collections.contacts.deleteOne({ _id: String(first.ids[9]) });
    const second = await source.selectIds(
      { companyId: acme },
      { limit: 10, ...(first.next === undefined ? {} : { after: first.next }) },
    );
    expect(second.ids.filter((id) => first.ids.includes(id) || id === 'new')).toEqual([]);
    await crm.collections.contacts.deleteOne({ _id: 'new' });
    const gone = dated.find(({ _id }) => _id === first.ids[9]);
    await crm.insert(acme, gone === undefined ? [] : [gone]);
  });

  it("pages never yield another company's contacts", async () => {
    expect(await allPages({ companyId: other }, 1)).toEqual(['o-1', 'o-2']);
    expect(await allPages({ companyId: companyId('nobody') }, 1)).toEqual([]);
  });

  it('pages of a query with a period leave out contacts without a valid date', async () => {
    const query: ContactQuery = {
      companyId: acme,
      createdFrom: at(2000).getTime(),
      createdBefore: at(4000).getTime(),
    };
    const expected = dated.filter(({ created_at }) => created_at >= at(2000) && created_at < at(4000));
    expect([...(await allPages(query, 3))].sort()).toEqual(expected.map(({ _id }) => _id).sort());
    expect(await source.count(query, { limit: 100, maxTimeMs: 5000 })).toEqual({ total: 8, late: false });
  });
});
