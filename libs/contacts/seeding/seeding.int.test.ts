import { Readable } from 'node:stream';
import { ExportError } from '@waybill/errors';
import { companyId, organizationId, userId } from '@waybill/domain';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createContactSource,
  createPermissions,
  exportColumns,
  seedCompany,
  seedContacts,
} from '../index.ts';
import { defaultProperties } from '../default-layouts.ts';
import { openCrm } from '../testing/crm.ts';

const crm = openCrm();
const source = createContactSource(crm.db);
const organization = organizationId('org');

afterAll(() => crm[Symbol.asyncDispose]());

function listed(...contacts: readonly unknown[]): AsyncIterable<unknown> {
  return Readable.from(contacts);
}

async function everything(company: string): Promise<readonly unknown[]> {
  return crm.collections.contacts.find({ company_id: company }).sort({ _id: 1 }).toArray();
}

describe('seedCompany', () => {
  it('writes a company that can be exported: tenant, member, fields, layouts, records and contacts', async () => {
    const acme = companyId('acme');
    const user = {
      userId: userId('rina'),
      email: 'rina@acme.example',
      name: 'Rina',
      locale: 'en',
      permissions: ['contacts.export'],
    } as const;
    await seedCompany(crm.db, {
      companyId: acme,
      organizationId: organization,
      contacts: 2500,
      user,
      cap: 50_000,
      region: 'sg',
    });

    expect(await source.tenant(acme)).toEqual({
      companyId: 'acme',
      organizationId: 'org',
      region: 'sg',
      name: 'acme',
      cap: 50_000,
    });
    expect(await createPermissions(crm.db).of(user.userId, acme)).toEqual(['contacts.export']);
    expect(await source.count({ companyId: acme }, { limit: 9999, maxTimeMs: 10_000 })).toEqual({
      total: 2500,
      late: false,
    });
    const layout = await source.defaultLayout(acme);
    const columns = exportColumns(await source.fieldProperties(acme), layout?.fields ?? [], 'en');
    const { ids } = await source.selectIds({ companyId: acme }, { limit: 2500 });
    const rows = await source.readRows(acme, ids, columns);
    expect(rows.every((row) => row?.length === 30)).toBe(true);
    const owner = columns.findIndex(({ name }) => name === 'owner');
    // Names stand for ids, but for the one owner that was left out as if deleted.
    expect(rows.filter((row) => JSON.stringify(row?.[owner]).includes('-owners-')).length).toBeLessThan(500);
  });

  it('gives the same contacts when it is done again, with fewer of them too, and leaves others alone', async () => {
    const again = companyId('again');
    const options = { companyId: again, organizationId: organization };
    await seedCompany(crm.db, { ...options, contacts: 30 });
    const first = await everything('again');
    await crm.insert('again', [{ _id: 'mine' }]);
    await seedCompany(crm.db, { ...options, contacts: 20, seed: 7 });
    expect(await everything('again')).toHaveLength(21);
    await seedCompany(crm.db, { ...options, contacts: 30 });
    const last = await everything('again');
    expect(last).toHaveLength(31);
    expect(last).toEqual(expect.arrayContaining([...first]));
  });
});

describe('seedContacts', () => {
  it('gives a company without fields the default ones, and keeps those of a company that has some', async () => {
    const fresh = companyId('fresh');
    expect(await seedContacts(crm.db, fresh, listed({ id: 'f1' }))).toEqual({ written: 1, undescribed: [] });
    expect((await source.defaultLayout(fresh))?.fields).toHaveLength(30);

    await crm.collections.fieldProperties.insertOne({
      _id: 'own:x',
      company_id: 'own',
      position: 0,
      name: 'x',
    });
    await seedContacts(crm.db, companyId('own'), listed({ id: 'w1' }));
    expect((await source.fieldProperties(companyId('own'))).map(({ name }) => name)).toEqual(['x']);
  });

  it('may be done twice at the same time', async () => {
    const busy = companyId('busy');
    await Promise.all(['b1', 'b2', 'b3'].map((id) => seedContacts(crm.db, busy, listed({ id }))));
    expect((await source.fieldProperties(busy)).length).toBe(defaultProperties().length);
    expect(await everything('busy')).toHaveLength(3);
  });

  it('turns texts of datetime fields into instants, and keeps everything else as it is', async () => {
    const given = {
      _id: 'd1',
      created_at: '2026-11-24T09:00:00+07:00',
      updated_at: 'yesterday',
      birth_date: '1990-05-17',
      city: '2026-11-24T09:00:00+07:00',
      custom_fields: [
        { key: 'next_meeting_at', value: '2026-11-24T09:00:00Z' },
        { key: 'annual_budget', value: 7, currency_code: 'USD' },
        { key: 'national_id' },
      ],
    };
    await seedContacts(crm.db, companyId('dates'), listed(given));
    expect(await everything('dates')).toEqual([
      {
        ...given,
        company_id: 'dates',
        created_at: new Date('2026-11-24T02:00:00Z'),
        custom_fields: [
          { key: 'next_meeting_at', value: new Date('2026-11-24T09:00:00Z') },
          { key: 'annual_budget', value: 7, currency_code: 'USD' },
          { key: 'national_id', value: null },
        ],
      },
    ]);
  });

  it('replaces what is there already, also contacts that came without an id', async () => {
    const twice = companyId('twice');
    await seedContacts(crm.db, twice, listed({ id: 't1', city: 'Medan' }, { city: 'Bandung' }));
    await seedContacts(crm.db, twice, listed({ id: 't1', city: 'Solo' }, { city: 'Bandung' }));
    expect((await everything('twice')).map((contact) => (contact as { city?: string }).city).sort()).toEqual([
      'Bandung',
      'Solo',
    ]);
  });

  it('says which properties no field describes', async () => {
    const contact = {
      id: 'u1',
      owner_id: 'o',
      nickname: 'S',
      custom_fields: [
        { key: 'shoe_size', value: 40 },
        { key: 'interests', value: [] },
      ],
    };
    const loaded = await seedContacts(crm.db, companyId('undescribed'), listed(contact));
    expect(loaded.undescribed).toEqual(['custom_fields.shoe_size', 'nickname']);
  });

  it('never overwrites another company’s contact', async () => {
    await crm.insert('victim', [{ _id: 'v1', city: 'Medan' }]);
    const load = seedContacts(crm.db, companyId('thief'), listed({ id: 'n1' }, { id: 'v1', city: 'Solo' }));
    await expect(load).rejects.toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '2._id' }] });
    expect(await everything('victim')).toEqual([{ _id: 'v1', company_id: 'victim', city: 'Medan' }]);
  });

  it('names the position and the property of each fault, and writes nothing of that part', async () => {
    const load = seedContacts(
      crm.db,
      companyId('faulty'),
      listed({ id: 'a' }, 5, { id: 'a' }, { id: 'b', company_id: 'x' }),
    );
    const error: unknown = await load.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ExportError);
    expect(error).toMatchObject({ errors: [{ path: '2' }, { path: '3._id' }, { path: '4.company_id' }] });
    expect(await everything('faulty')).toEqual([]);
  });

  it('takes a list longer than one write', async () => {
    const contacts = Array.from({ length: 1203 }, (_, index) => ({ id: `l-${index}` }));
    expect(await seedContacts(crm.db, companyId('long'), listed(...contacts))).toMatchObject({
      written: 1203,
    });
    expect(await everything('long')).toHaveLength(1203);
  });
});
