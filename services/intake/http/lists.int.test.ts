import { seedCompany } from '@waybill/fixtures';
import { uniqueName } from '@waybill/testbed';
import { companyId, organizationId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../testing/call.ts';
import { exportAll } from '../testing/call.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';

let intake: RunningIntake;
beforeAll(async () => {
  intake = await startTestIntake({ contacts: 120, cap: 100 });
});
afterAll(() => intake[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => intake.call('GET', path, { headers });
const names = ({ body }: Answer) => (body['data'] as { name: string }[]).map((one) => one.name);

interface Contacts {
  readonly data: readonly { id: string; values: Record<string, unknown> }[];
  readonly columns: readonly { name: string; header: string }[];
  readonly pagination: { next_cursor: string | null; total: number | null };
}
const contactsOf = ({ body }: Answer) => body as unknown as Contacts;
const search = async (body: object, headers: Record<string, string> = {}) =>
  intake.call('POST', '/search', { body, headers });
const found = async (body: object) => contactsOf(await search(body));

describe('field properties', () => {
  it('are paged in the order of the company', async () => {
    const all = names(await get('/field_properties?per_page=500'));
    const second = await get('/field_properties?per_page=4&page=2');
    expect(names(second)).toEqual(all.slice(4, 8));
    expect(second.body['pagination']).toMatchObject({ page: 2, per_page: 4, total: all.length });
  });

  it('start with the fields of a layout and leave out fields that cannot be exported with it', async () => {
    const { body } = await get('/layouts/default');
    const { fields } = body as { fields: string[] };
    const ofLayout = names(await get('/field_properties?per_page=500&layout_id=default'));
    expect(ofLayout.slice(0, fields.length)).toEqual(fields);
    const all = (await get('/field_properties?per_page=500')).body['data'] as {
      name: string;
      is_hidden: boolean;
    }[];
    const hidden = all.filter((one) => one.is_hidden && !fields.includes(one.name)).map((one) => one.name);
    expect(ofLayout.filter((name) => hidden.includes(name))).toEqual([]);
  });

  it('contain the associations, which can be exported', async () => {
    const { body } = await get('/field_properties?per_page=500');
    const data = body['data'] as { name: string; type: string }[];
    const associations = data.filter((one) => one.type === 'association').map((one) => one.name);
    expect(associations.length).toBeGreaterThanOrEqual(2);
    const answer = await intake.exportWith({
      selection_mode: 'first_10k_sorted',
      selected_fields: associations,
    });
    expect(answer.status).toBe(200);
  });
});

describe('search for contacts', () => {
  it('is paged by cursor without losing or repeating a contact, and counts on the first page', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    let pages = 0;
    while (cursor !== null) {
      const page: Contacts = await found({ limit: 50, ...(cursor === '' ? {} : { cursor }) });
      expect(page.pagination.total).toBe(pages === 0 ? 120 : null);
      seen.push(...page.data.map((contact) => contact.id));
      cursor = page.pagination.next_cursor;
      pages += 1;
    }
    expect([seen.length, new Set(seen).size, pages]).toEqual([120, 120, 3]);
  });

  it('has the columns of the layout, or the requested ones', async () => {
    const { body } = await get('/layouts/default');
    const page = await found({ limit: 1 });
    expect(page.columns.map((column) => column.name)).toEqual(body['fields']);
    const two = await found({ limit: 1, fields: ['email', 'first_name'] });
    expect(Object.keys(two.data[0]?.values ?? {})).toEqual(['email', 'first_name']);
  });

  it('filters and sorts by the criterion of an export', async () => {
    const all = await found({ limit: 200, fields: ['first_name'] });
    const [someone] = all.data;
    const name = someone?.values['first_name'];
    const criterion = {
      filters: [{ field: 'first_name', op: 'eq', value: name }],
      sort: { field: 'first_name', direction: 'asc' },
    };
    const same = await found({ criterion, fields: ['first_name'] });
    const wanted = all.data.filter((contact) => contact.values['first_name'] === name);
    expect(same.pagination.total).toBe(wanted.length);
    expect(same.data.every((contact) => contact.values['first_name'] === name)).toBe(true);
    // The same criterion selects the same contacts in an export.
    const body = { ...exportAll, selection_mode: 'filtered', criterion };
    const preflight = await intake.call('POST', '/export/preflight', { body });
    expect(preflight.body['total']).toBe(wanted.length);
  });

  it('filters by source and by a period in the timezone of the request [R16]', async () => {
    const page = await found({
      source: ['line', 'email'],
      end_date: '2026-11-24',
      timezone: 'Asia/Jakarta',
    });
    const line = await found({ source: ['line'] });
    const email = await found({ source: ['email'] });
    expect(page.pagination.total).toBe((line.pagination.total ?? 0) + (email.pagination.total ?? 0));
    const future = await found({ start_date: '2030-01-01' });
    expect(future.pagination.total).toBe(0);
  });

  it('rejects an operator of the database with its path', async () => {
    const filtering = (filter: object) => search({ criterion: { filters: [filter] } });
    const answer = await filtering({ field: 'first_name', op: 'eq', value: { $gt: '' } });
    expect([answer.status, answer.body['code']]).toEqual([422, 'VALIDATION_FAILED']);
    expect((answer.body['errors'] as { path: string }[])[0]?.path).toBe('criterion.filters.0.value');
    const path = await filtering({ field: '$where', op: 'eq', value: 'true' });
    expect(path.body['code']).toBe('EXPORT_FIELD_UNKNOWN');
  });

  it('does not find a contact by a value of a hidden field', async () => {
    const hidden = 'zebra-4711@example.com';
    const contact = { _id: 'hidden-email', company_id: intake.companyId, first_name: 'Zora', email: hidden };
    await intake.crm.collection<{ _id: string }>('contacts').insertOne(contact);
    const ids = async (words: string) =>
      (await found({ criterion: { search: words } })).data.map(({ id }) => id);
    expect(await ids('zebra-4711')).toEqual(['hidden-email']);
    const email = intake.crm.collection('field_properties');
    const of = { company_id: intake.companyId, name: 'email' };
    await email.updateOne(of, { $set: { is_hidden: true } });
    expect(await ids('zebra-4711')).toEqual([]);
    expect(await ids('zora')).toEqual(['hidden-email']);
    await email.updateOne(of, { $set: { is_hidden: false } });
    await intake.crm.collection<{ _id: string }>('contacts').deleteOne({ _id: 'hidden-email' });
  });

  it('replaces the list whose criterion was part of the address', async () => {
    const criterion = encodeURIComponent(JSON.stringify({ search: 'ani' }));
    expect((await get(`?criterion=${criterion}`)).status).toBe(404);
  });

  it('has the headers of its rate limit, which is counted per person and shared with preflight', async () => {
    const as = { userId: 'reader' };
    const first = await intake.call('POST', '/search', { body: {}, as });
    expect(first.headers.get('ratelimit-policy')).toBe('120;w=60');
    expect(first.headers.get('ratelimit-remaining')).toBe('119');
    const second = await intake.call('POST', '/export/preflight', { body: exportAll, as });
    expect(second.headers.get('ratelimit-remaining')).toBe('118');
    const other = await intake.call('POST', '/search', { body: {}, as: { userId: 'other' } });
    expect(other.headers.get('ratelimit-remaining')).toBe('119');
  });
});

describe('preflight', () => {
  const preflight = (body: object, headers = {}) =>
    intake.call('POST', '/export/preflight', { body: { ...exportAll, ...body }, headers });
  const codes = ({ body }: Answer) => (body['warnings'] as { code: string }[]).map((one) => one.code);

  it('returns total, cap and an estimate and starts nothing', async () => {
    const jobs = await intake.db.collection('jobs').countDocuments();
    const answer = await preflight({ selection_mode: 'first_10k_sorted', source: [] });
    expect(answer.body).toMatchObject({ total: 100, cap: 100 });
    expect(answer.body['estimated_bytes']).toBeGreaterThan(1_000);
    expect(await intake.db.collection('jobs').countDocuments()).toBe(jobs);
  });

  it('has the storage and the rate limit of the company, and takes nothing of the limit', async () => {
    const as = { companyId: uniqueName('measured') };
    await seedCompany(intake.crm, {
      companyId: companyId(as.companyId),
      organizationId: organizationId('org'),
      contacts: 5,
    });
    const read = async () => (await intake.call('POST', '/export/preflight', { body: exportAll, as })).body;
    const unused = { limit: 1_000, remaining: 1_000, reset_at: null };
    const first = await read();
    expect([first['quota'], first['rate_limit']]).toEqual([
      { used_bytes: 0, limit_bytes: 5 * 1024 ** 3 },
      unused,
    ]);
    expect((await read())['rate_limit']).toEqual(unused);
    const exported = await intake.exportWith({}, { as });
    const after = await read();
    expect(after['rate_limit']).toMatchObject({ limit: 1_000, remaining: 999 });
    const { reset_at } = after['rate_limit'] as { reset_at: string };
    expect(Date.parse(reset_at)).toBeGreaterThan(Date.now());
    const job = await intake.db.collection<{ _id: string; held_bytes: number }>('jobs').findOne({
      _id: String(exported.body['job_id']),
    });
    expect(after['quota']).toMatchObject({ used_bytes: job?.held_bytes });
  });

  it('counts without the excluded contacts, of the first ones too', async () => {
    const contacts = intake.crm.collection<{ _id: string }>('contacts');
    const newest = await contacts
      .find({ company_id: intake.companyId })
      .sort({ created_at: -1, _id: -1 })
      .toArray();
    const excluded_ids = [newest[0], newest[99], newest[110]].map((contact) => contact?._id);
    const total = async (body: object) => (await preflight({ ...body, excluded_ids })).body['total'];
    expect(await total({})).toBe(117);
    // The company exports at most 100: two of the excluded contacts are among the first 100.
    expect(await total({ selection_mode: 'first_10k_sorted' })).toBe(98);
  });

  it('warns of a size that an export is rejected for, in the language of the reader', async () => {
    const over = await preflight({});
    expect([over.status, codes(over)]).toEqual([200, ['OVER_CAP']]);
    expect(over.body).toMatchObject({ total: 120, cap: 100 });
    const indonesian = await preflight({ start_date: '2030-01-01' }, { 'accept-language': 'id' });
    expect(codes(indonesian)).toEqual(['EMPTY_SELECTION']);
    expect(JSON.stringify(indonesian.body['warnings'])).toContain('Tidak ada kontak');
  });

  it('warns of texts that Excel truncates, for XLSX only', async () => {
    const long = { _id: 'long', company_id: intake.companyId, first_name: 'x'.repeat(40_000) };
    await intake.crm.collection<{ _id: string }>('contacts').insertOne(long);
    const ids = { selection_mode: 'ids', ids: ['long'], selected_fields: ['first_name'] };
    expect(codes(await preflight(ids))).toEqual([]);
    await intake.crm
      .collection<{ _id: string }>('contacts')
      .insertMany(Array.from({ length: 11 }, (_, index) => ({ ...long, _id: `long-${index}` })));
    const many = { ...ids, ids: Array.from({ length: 11 }, (_, index) => `long-${index}`) };
    expect(codes(await preflight(many))).toEqual(['TRUNCATIONS_EXPECTED']);
    expect(codes(await preflight({ ...many, format: 'csv' }))).toEqual([]);
  });
});
