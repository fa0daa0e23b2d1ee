import { companyId, type Source } from '@waybill/domain';
import { Decimal128 } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContactSource } from '../index.ts';
import { ensureFields, openCrm } from '@waybill/fixtures';
import type { Criterion, CriterionFilter } from '../types.ts';

const crm = openCrm();
const source = createContactSource(crm.db);
const acme = companyId('acme');

const contacts = [
  {
    _id: 'siti',
    first_name: 'Siti',
    last_name: 'Nurhaliza (VIP)',
    email: 'siti@example.com',
    phone: '+62812345',
    source: 'whatsapp',
    city: 'Medan',
    tags: ['vip', 'event'],
    lead_score: 12.5,
    lifetime_value: { value: 100, currency_code: 'IDR' },
    birth_date: '1990-05-17',
    is_subscribed: true,
    created_at: new Date('2026-11-24T02:00:00Z'),
    custom_fields: [
      { key: 'national_id', value: '0012' },
      { key: 'annual_budget', value: 5000, currency_code: 'USD' },
      { key: 'consent_given', value: true },
    ],
  },
  {
    _id: 'budi',
    first_name: 'Budi',
    email: '',
    phone: '0812345',
    source: 'line',
    city: 'medan',
    tags: [],
    lead_score: '12.5',
    lifetime_value: 300,
    birth_date: '2001-01-01',
    is_subscribed: false,
    created_at: new Date('2026-11-23T02:00:00Z'),
    custom_fields: [{ key: 'annual_budget', value: 70 }],
  },
  {
    _id: 'zoe',
    first_name: 'Zoë',
    city: null,
    source: 'email',
    lead_score: Decimal128.fromString('900.25'),
    created_at: 'yesterday',
    custom_fields: [{ key: 'national_id', value: '' }],
  },
] as const;

beforeAll(async () => {
  await ensureFields(crm.db, acme);
  await crm.insert(acme, contacts);
  await crm.insert('other', [{ _id: 'foreign', first_name: 'Siti', city: 'Medan' }]);
});
afterAll(() => crm[Symbol.asyncDispose]());

async function found(criterion: Criterion, sources?: readonly Source[]): Promise<readonly string[]> {
  const query = { companyId: acme, criterion, ...(sources === undefined ? {} : { sources }) };
  const { ids } = await source.selectIds(query, { limit: 10 });
  // Both calls ask the same.
  expect(await source.count(query, { limit: 10, maxTimeMs: 10_000 })).toEqual({
    total: ids.length,
    late: false,
  });
  return [...ids].sort();
}

const cases: readonly (readonly [CriterionFilter, readonly string[]])[] = [
  [{ field: 'city', op: 'eq', value: 'Medan' }, ['siti']],
  [{ field: 'city', op: 'ne', value: 'Medan' }, ['budi', 'zoe']],
  [{ field: 'city', op: 'in', value: ['Medan', 'medan'] }, ['budi', 'siti']],
  [{ field: 'city', op: 'contains', value: 'EDA' }, ['budi', 'siti']],
  [{ field: 'city', op: 'exists', value: true }, ['budi', 'siti']],
  [{ field: 'city', op: 'exists', value: false }, ['zoe']],
  [{ field: 'last_name', op: 'contains', value: '(vip)' }, ['siti']],
  [{ field: 'last_name', op: 'contains', value: '.*' }, []],
  [{ field: 'email', op: 'exists', value: false }, ['budi', 'zoe']],
  [{ field: 'id', op: 'in', value: ['zoe', 'foreign'] }, ['zoe']],
  [{ field: 'tags', op: 'eq', value: 'vip' }, ['siti']],
  [{ field: 'tags', op: 'contains', value: 'event' }, ['siti']],
  [{ field: 'tags', op: 'ne', value: 'vip' }, ['budi', 'zoe']],
  [{ field: 'tags', op: 'exists', value: true }, ['siti']],
  [{ field: 'lead_score', op: 'eq', value: 12.5 }, ['budi', 'siti']],
  [{ field: 'lead_score', op: 'gte', value: 12.5 }, ['siti', 'zoe']],
  [{ field: 'lead_score', op: 'lte', value: '12.5' }, ['siti']],
  [{ field: 'lead_score', op: 'gte', value: '900.250000000000000001' }, []],
  [{ field: 'lifetime_value', op: 'gte', value: 200 }, ['budi']],
  [{ field: 'lifetime_value', op: 'lte', value: 200 }, ['siti']],
  [{ field: 'lifetime_value', op: 'ne', value: 100 }, ['budi', 'zoe']],
  [{ field: 'lifetime_value', op: 'exists', value: true }, ['budi', 'siti']],
  [{ field: 'birth_date', op: 'gte', value: '1990-05-17' }, ['budi', 'siti']],
  [{ field: 'birth_date', op: 'lte', value: '1990-05-17' }, ['siti']],
  [{ field: 'is_subscribed', op: 'eq', value: false }, ['budi']],
  [{ field: 'is_subscribed', op: 'exists', value: false }, ['zoe']],
  [{ field: 'created_at', op: 'gte', value: '2026-11-24T09:00:00+07:00' }, ['siti']],
  [{ field: 'created_at', op: 'lte', value: '2026-11-24T08:59:59+07:00' }, ['budi']],
  [{ field: 'national_id', op: 'eq', value: '0012' }, ['siti']],
  [{ field: 'national_id', op: 'contains', value: '01' }, ['siti']],
  [{ field: 'national_id', op: 'ne', value: '0012' }, ['budi', 'zoe']],
  [{ field: 'national_id', op: 'exists', value: true }, ['siti']],
  [{ field: 'national_id', op: 'exists', value: false }, ['budi', 'zoe']],
  [{ field: 'annual_budget', op: 'gte', value: 70 }, ['budi', 'siti']],
  [{ field: 'annual_budget', op: 'gte', value: 71 }, ['siti']],
  [{ field: 'consent_given', op: 'eq', value: true }, ['siti']],
];

describe('filters', () => {
  it.each(cases)('the filter %j finds %j', async (filter, ids) => {
    expect(await found({ filters: [filter] })).toEqual(ids);
  });

  it('several filters find the contacts that match all of them', async () => {
    const filters: CriterionFilter[] = [
      { field: 'city', op: 'contains', value: 'medan' },
      { field: 'phone', op: 'contains', value: '+62' },
    ];
    expect(await found({ filters })).toEqual(['siti']);
  });
});

describe('search', () => {
  it.each([
    ['SITI', ['siti']],
    ['siti +62812', ['siti']],
    ['812345', ['budi', 'siti']],
    ['@example', ['siti']],
    ['siti budi', []],
    ['.', ['siti']],
    ['  ', ['budi', 'siti', 'zoe']],
  ])('a search for %j finds %j', async (search, ids) => {
    expect(await found({ filters: [], search })).toEqual(ids);
  });
});

describe('sources', () => {
  it('sources narrow the result of a criterion', async () => {
    expect(await found({ filters: [] }, ['whatsapp', 'email'])).toEqual(['siti', 'zoe']);
    expect(await found({ filters: [{ field: 'city', op: 'eq', value: 'Medan' }] }, ['line'])).toEqual([]);
  });
});

describe('a criterion with unknown fields', () => {
  it("every call that accepts a criterion rejects one that does not fit the company's fields", async () => {
    const query = {
      companyId: acme,
      criterion: { filters: [{ field: 'nope', op: 'eq', value: 'a' } as const] },
    };
    const refused = { code: 'VALIDATION_FAILED', errors: [{ path: 'criterion.filters.0.field' }] };
    await expect(source.count(query, { limit: 1, maxTimeMs: 1000 })).rejects.toMatchObject(refused);
    await expect(source.selectIds(query, { limit: 1 })).rejects.toMatchObject(refused);
    await expect(source.list(query, [], { limit: 1 })).rejects.toMatchObject(refused);
  });
});
