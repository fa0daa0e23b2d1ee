import { silentLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { startServer, waitFor } from '@waybill/testbed';
import { companyId, organizationId, userId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContactSource, createPermissions, exportColumns } from './index.ts';
import { ensureFields, openCrm, recordMember } from '@waybill/fixtures';
import type { CriterionFilter, Membership } from './types.ts';

const crm = openCrm();
const source = createContactSource(crm.db);
const acme = companyId('acme');

const member: Membership = {
  userId: userId('rina'),
  email: 'rina@acme.example',
  name: 'Rina',
  locale: 'id',
  permissions: ['contacts.export'],
};

beforeAll(async () => {
  await ensureFields(crm.db, acme);
  await crm.insert(acme, [
    {
      _id: 'c1',
      first_name: 'Siti',
      owner_id: 'o1',
      associated_company_ids: ['k1', 'k2', 'gone'],
      created_at: new Date(5),
      custom_fields: [{ key: 'annual_budget', value: 7, currency_code: 'USD' }],
    },
    { _id: 'c2', owner_id: 'foreign', associated_company_ids: 'k2', associated_deal_ids: [] },
  ]);
  await crm.insert('other', [{ _id: 'x1', first_name: 'Secret' }]);
  await crm.collections.owners.insertMany([
    { _id: 'o1', company_id: 'acme', name: 'Budi Santoso' },
    { _id: 'foreign', company_id: 'other', name: 'Secret' },
  ]);
  await crm.collections.companies.insertMany([
    { _id: 'k1', company_id: 'acme', name: 'PT Maju; Jaya' },
    { _id: 'k2', company_id: 'acme', name: 'CV Abadi' },
  ]);
});
afterAll(() => crm[Symbol.asyncDispose]());

async function columnsOf(...names: readonly string[]) {
  return exportColumns(await source.fieldProperties(acme), names, 'en');
}

describe('readRows', () => {
  it("readRows keeps the order of the ids and returns no row for a contact that is missing or another company's", async () => {
    const rows = await source.readRows(
      acme,
      ['c2', 'gone', 'x1', 'c1', 'c2'],
      await columnsOf('id', 'first_name'),
    );
    expect(rows).toEqual([['c2', null], undefined, undefined, ['c1', 'Siti'], ['c2', null]]);
  });

  it('readRows returns names for references, and the id if the company has no such record', async () => {
    const columns = await columnsOf('owner', 'companies', 'deals');
    expect(await source.readRows(acme, ['c1', 'c2'], columns)).toEqual([
      ['Budi Santoso', ['PT Maju; Jaya', 'CV Abadi', 'gone'], null],
      ['foreign', 'CV Abadi', []],
    ]);
  });

  it('readRows reads more ids than fit one query, each in its place [R2]', async () => {
    const many = Array.from({ length: 1203 }, (_, index) => `m-${index}`);
    await crm.insert(
      'many',
      many.map((_id) => ({ _id })),
    );
    const ids = many.flatMap((id, index) => (index % 100 === 0 ? [id, `gone-${index}`] : [id]));
    const rows = await source.readRows(companyId('many'), ids, await columnsOf('id'));
    expect(rows.map((row) => row?.[0])).toEqual(ids.map((id) => (id.startsWith('m') ? id : undefined)));
  });

  it('readRows returns no rows for no ids', async () => {
    expect(await source.readRows(acme, [], await columnsOf('id'))).toEqual([]);
  });
});

describe('list', () => {
  it('list returns a page of formatted contacts and the position of the next page', async () => {
    const columns = await columnsOf('first_name', 'annual_budget');
    const first = await source.list({ companyId: acme }, columns, { limit: 1 });
    expect(first.contacts).toEqual([{ id: 'c1', row: ['Siti', { value: 7, currency_code: 'USD' }] }]);
    const second = await source.list({ companyId: acme }, columns, {
      limit: 1,
      ...(first.next && { after: first.next }),
    });
    expect(second).toEqual({ contacts: [{ id: 'c2', row: [null, null] }] });
  });
});

describe('a company in the CRM', () => {
  it('a company has its fields in their order, its layouts with the default one first, and its tenant', async () => {
    const fields = await source.fieldProperties(acme);
    expect(fields.slice(0, 2).map(({ name }) => name)).toEqual(['id', 'first_name']);
    expect((await source.layouts(acme)).map(({ name }) => name)).toEqual(['Default view', 'Sales']);
    expect((await source.defaultLayout(acme))?.fields).toHaveLength(30);
    expect((await source.layout(acme, 'sales'))?.name).toBe('Sales');
    expect(await source.layout(companyId('other'), 'sales')).toBeUndefined();
    expect(await source.tenant(companyId('nobody'))).toBeUndefined();
  });

  it('a malformed document of a company is read with empty values in place of its invalid ones', async () => {
    const broken = companyId('broken');
    const base = { company_id: 'broken', is_default: true };
    await crm.collections.fieldProperties.insertMany([
      { ...base, _id: 'b:1', position: 0, name: 7 },
      {
        ...base,
        _id: 'b:2',
        position: 1,
        name: 'city',
        field_type: null,
        validation: { options: 'none', number: 5 },
      },
    ]);
    await crm.db
      .collection<{ _id: string }>('tenants')
      .insertOne(Object.assign({ _id: 'broken' }, { cap: 'many', region: 5 }));
    expect(await source.fieldProperties(broken)).toEqual([
      {
        name: 'city',
        name_alias: '',
        field_type: 'text',
        is_hidden: false,
        is_default: true,
        type: 'contact',
        validation: {},
      },
    ]);
    expect(await source.tenant(broken)).toEqual({
      companyId: 'broken',
      organizationId: '',
      region: '',
      name: '',
    });
  });
});

describe('permissions', () => {
  const permissions = createPermissions(crm.db);

  it('permissions are those of the membership and follow its changes', async () => {
    await recordMember(crm.db, acme, organizationId('org'), member);
    expect(await permissions.of(member.userId, acme)).toEqual(['contacts.export']);
    expect(await source.tenant(acme)).toEqual({
      companyId: 'acme',
      organizationId: 'org',
      region: 'id',
      name: 'acme',
    });
    await recordMember(crm.db, acme, organizationId('changed'), { ...member, permissions: [] });
    expect(await permissions.of(member.userId, acme)).toEqual([]);
    expect((await source.tenant(acme))?.organizationId).toBe('org');
  });

  it('permissions are empty without a membership, in another company, and for an id that two pairs share', async () => {
    await recordMember(crm.db, companyId('a:b'), organizationId('org'), { ...member, userId: userId('c') });
    expect(await permissions.of(userId('c'), companyId('a:b'))).toEqual(['contacts.export']);
    expect(await permissions.of(userId('b:c'), companyId('a'))).toEqual([]);
    expect(await permissions.of(userId('nobody'), acme)).toEqual([]);
    expect(await permissions.of(userId('c'), acme)).toEqual([]);
  });

  it('permissions do not include one that this version does not know', async () => {
    const odd = {
      company_id: 'acme',
      user_id: 'odd',
      email: '',
      name: '',
      locale: 'en',
      permissions: ['root', 'contacts.export.admin'],
    };
    await crm.collections.memberships.insertOne({ _id: 'acme:odd', ...odd });
    expect(await permissions.of(userId('odd'), acme)).toEqual(['contacts.export.admin']);
  });
});

describe('count', () => {
  it('a count stops at its limit', async () => {
    await crm.insert(
      'counted',
      Array.from({ length: 30 }, (_, index) => ({ _id: `n-${index}` })),
    );
    const query = { companyId: companyId('counted') };
    expect(await source.count(query, { limit: 11, maxTimeMs: 5000 })).toEqual({ total: 11, late: false });
    expect(await source.count(query, { limit: Number.MAX_SAFE_INTEGER, maxTimeMs: 5000 })).toEqual({
      total: 30,
      late: false,
    });
    expect(await source.count(query, { limit: 0, maxTimeMs: 5000 })).toEqual({ total: 0, late: false });
  });

  it('a count leaves out excluded contacts, and only those that the query selects', async () => {
    const contacts = Array.from({ length: 12 }, (_, index) => ({ _id: `e-${index}`, source: 'line' }));
    await crm.insert('excluding', [...contacts, { _id: 'e-email', source: 'email' }]);
    const query = { companyId: companyId('excluding'), sources: ['line'] as const };
    const count = async (excludedIds: readonly string[], limit = 100) =>
      (await source.count(query, { limit, maxTimeMs: 5000, excludedIds })).total;
    expect(await count(['e-3', 'e-7', 'e-email', 'gone', 'x1'])).toBe(10);
    expect(await count(['e-3', 'e-7'], 10)).toBe(10);
    expect(await count(['e-3', 'e-7'], 9)).toBe(9);
    expect(await count(contacts.map(({ _id }) => _id))).toBe(0);
  });

  it('a count of the first contacts leaves out the excluded ones among them, and counts no other instead', async () => {
    const contacts = Array.from({ length: 12 }, (_, index) => ({
      _id: `f-${index}`,
      created_at: new Date(1_000_000 - index),
    }));
    await crm.insert('first', contacts);
    const query = { companyId: companyId('first') };
    const first = async (excludedIds: readonly string[], first = 10) =>
      (await source.count(query, { limit: 100, maxTimeMs: 5000, excludedIds, first })).total;
    expect(await first([])).toBe(10);
    expect(await first(['f-0', 'f-9'])).toBe(8);
    expect(await first(['f-0', 'f-10', 'gone'])).toBe(9);
    expect(await first(['f-0', 'f-11'], 20)).toBe(10);
  });

  it('a count reports that it is late if it takes longer than its time limit', async () => {
    const slow = companyId('slow');
    await ensureFields(crm.db, slow);
    const notes = 'all of them are different '.repeat(40);
    for (let part = 0; part < 4; part += 1) {
      await crm.insert(
        slow,
        Array.from({ length: 1000 }, (_, index) => ({ _id: `s-${part}-${index}`, notes })),
      );
    }
    // Conditions that all hold, so that each costs its time for every contact.
    const filter: CriterionFilter = { field: 'notes', op: 'contains', value: 'DIFFERENT ' };
    const query = { companyId: slow, criterion: { filters: new Array<CriterionFilter>(50).fill(filter) } };
    expect(await source.count(query, { limit: 10_000, maxTimeMs: 1 })).toEqual({ total: 0, late: true });
    expect(await source.count(query, { limit: 10_000, maxTimeMs: 60_000 })).toEqual({
      total: 4000,
      late: false,
    });
  });
});

describe('a MongoDB that does not answer', () => {
  it('every call fails with SERVICE_UNAVAILABLE, and a count does not report that it is late', async () => {
    await using mongo = await startServer('mongo');
    const store = openStore({ url: mongo.addresses.mongo.url, database: 'crm', logger: silentLogger() });
    const lonely = createContactSource(store.db);
    const unavailable = { code: 'SERVICE_UNAVAILABLE', retryable: true };
    await mongo.signal('SIGSTOP');
    // The threads of the server stop one after the other, so it may still answer for a moment.
    const failure = await waitFor(
      () =>
        lonely.count({ companyId: acme }, { limit: 1, maxTimeMs: 100 }).then(
          (count) => (count.late ? count : undefined),
          (error: unknown) => error,
        ),
      { limitMs: 30_000, what: 'a count to fail' },
    );
    expect(failure).toMatchObject(unavailable);
    await mongo.signal('SIGCONT');
    await mongo.stop('hard');
    const calls = [
      lonely.count({ companyId: acme }, { limit: 1, maxTimeMs: 100 }),
      lonely.fieldProperties(acme),
      lonely.layouts(acme),
      lonely.tenant(acme),
      lonely.selectIds({ companyId: acme }, { limit: 1 }),
      lonely.readRows(acme, ['c1'], []),
      lonely.list({ companyId: acme }, [], { limit: 1 }),
      createPermissions(store.db).of(member.userId, acme),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(unavailable)));
    await store.close();
  });
});
