import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';

let intake: RunningIntake;
beforeAll(async () => {
  intake = await startTestIntake();
});
afterAll(() => intake[Symbol.asyncDispose]());

const configuration = {
  format: 'csv',
  layout_id: 'default',
  selected_fields: ['email', 'owner', 'first_name'],
  timezone: 'UTC',
  period: 'last_7_days',
  source: ['line'],
  csv: { delimiter: ';', bom: true },
};
const as = (
  userId: string,
  permissions = ['contacts.export'] as readonly ('contacts.export' | 'contacts.export.admin')[],
) => ({
  as: { userId, permissions },
});

const create = async (user: string, body: object) =>
  intake.call('POST', '/export/presets', { ...as(user), body });
/** Creates a preset and returns it with its path. */
const made = async (user: string, body: object) => {
  const preset = (await create(user, body)).body;
  return { preset, path: `/export/presets/${String(preset['id'])}` };
};
const listed = async (user: string, query = '', companyId?: string) => {
  const who = { userId: user, ...(companyId === undefined ? {} : { companyId }) };
  const { body } = await intake.call('GET', `/export/presets${query}`, { as: who });
  return body as unknown as { data: { id: string; name: string; etag: string }[]; pagination: object };
};
const list = async (user: string, companyId?: string) =>
  (await listed(user, '', companyId)).data.map((preset) => preset.name);

describe('last configuration', () => {
  it('is 204 before the first export, then the configuration of the last export [S07] [R7]', async () => {
    const before = await intake.call('GET', '/export/presets/last', as('a1'));
    expect(before.status).toBe(204);
    await intake.exportWith(
      { ...configuration, source: ['line', 'whatsapp', 'email'], period: undefined },
      as('a1'),
    );
    const after = await waitFor(
      async () => {
        const answer = await intake.call('GET', '/export/presets/last', as('a1'));
        return answer.status === 204 ? undefined : answer.body;
      },
      { limitMs: 10_000, what: 'the configuration to be saved' },
    );
    expect(after).toMatchObject({
      configuration: {
        format: 'csv',
        layout_id: 'default',
        selected_fields: ['email', 'owner', 'first_name'],
        timezone: 'UTC',
        source: ['line', 'whatsapp', 'email'],
        csv: { delimiter: ';', bom: true },
      },
      missing_fields: [],
      missing_layout: false,
    });
  });

  it('is that of the newest export and contains no search terms', async () => {
    await intake.exportWith({ format: 'csv' }, as('a2'));
    await intake.exportWith(
      { selection_mode: 'filtered', criterion: { search: 'example', filters: [] } },
      as('a2'),
    );
    const last = await waitFor(
      async () => {
        const { body } = await intake.call('GET', '/export/presets/last', as('a2'));
        const configuration = body['configuration'] as { format: string } | undefined;
        return configuration?.format === 'xlsx' ? body : undefined;
      },
      { limitMs: 10_000, what: 'the newer one' },
    );
    expect(JSON.stringify(last)).not.toContain('example');
  });

  it('is stored per person [S07]', async () => {
    expect((await intake.call('GET', '/export/presets/last', as('nobody-yet'))).status).toBe(204);
  });
});

describe('preset', () => {
  it('can be created, read, renamed, changed and deleted', async () => {
    const { preset, path } = await made('b1', { name: '  Weekly ', configuration });
    expect(preset).toMatchObject({ name: 'Weekly', shared: false, own: true, configuration });
    expect((await intake.call('GET', path, as('b1'))).body).toEqual(preset);
    const renamed = await intake.call('PATCH', path, { ...as('b1'), body: { name: 'Monthly' } });
    expect(renamed.body).toMatchObject({ name: 'Monthly', configuration });
    const changed = { ...configuration, format: 'xlsx' };
    await intake.call('PATCH', path, { ...as('b1'), body: { configuration: changed } });
    expect(await list('b1')).toEqual(['Monthly']);
    expect((await intake.call('DELETE', path, as('b1'))).status).toBe(204);
    expect(await list('b1')).toEqual([]);
    expect((await intake.call('DELETE', path, as('b1'))).body['code']).toBe('PRESET_NOT_FOUND');
  });

  it('is visible to its owner when it is private, and to the company only when it is shared', async () => {
    const { path } = await made('c1', { name: 'Private', configuration });
    await create('c1', { name: 'Shared', shared: true, configuration });
    expect(await list('c1')).toEqual(['Private', 'Shared']);
    expect(await list('c2')).toEqual(['Shared']);
    expect(await list('c2', 'another-company')).toEqual([]);
    for (const [method, options] of [
      ['PATCH', { body: { name: 'Mine' } }],
      ['GET', {}],
    ] as const) {
      const peek = await intake.call(method, path, { ...as('c2'), ...options });
      expect([peek.status, peek.body['code']]).toEqual([404, 'PRESET_NOT_FOUND']);
    }
  });

  it('can be changed by its owner and, when it is shared, by administrators', async () => {
    const { path } = await made('d1', { name: 'Team', shared: true, configuration });
    const colleague = await intake.call('PATCH', path, { ...as('d2'), body: { name: 'Taken' } });
    expect([colleague.status, colleague.body['code']]).toEqual([403, 'FORBIDDEN']);
    const admin = as('d3', ['contacts.export', 'contacts.export.admin']);
    expect((await intake.call('DELETE', path, admin)).status).toBe(204);
  });

  it('has a unique name among the private presets of a person and the shared presets of a company', async () => {
    await create('e1', { name: 'Same', configuration });
    expect((await create('e1', { name: 'SAME ', configuration })).body['code']).toBe('PRESET_NAME_TAKEN');
    expect((await create('e2', { name: 'Same', configuration })).status).toBe(201);
    await create('e1', { name: 'Everyone', shared: true, configuration });
    const second = await create('e2', { name: 'everyone', shared: true, configuration });
    expect([second.status, second.body['code']]).toEqual([409, 'PRESET_NAME_TAKEN']);
  });

  it('lists fields and layouts that no longer exist and stays usable', async () => {
    const fields = ['first_name', 'gone_field'];
    const old = await create('f1', {
      name: 'Old',
      configuration: { ...configuration, selected_fields: fields },
    });
    expect(old.body).toMatchObject({ missing_fields: ['gone_field'], missing_layout: false });
    const lost = await create('f1', {
      name: 'Older',
      configuration: { ...configuration, layout_id: 'gone' },
    });
    expect(lost.body).toMatchObject({ missing_fields: [], missing_layout: true });
    expect(await list('f1')).toEqual(expect.arrayContaining(['Old', 'Older']));
  });
});

describe('list of presets', () => {
  it('is paged in the order of the names and leaves no preset out', async () => {
    const names = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon'];
    // Shared presets of other tests are listed too, so this person belongs to a company without any.
    const who = { userId: 'g1', companyId: 'company-of-g1' };
    for (const name of names) {
      const options = { as: who, body: { name, configuration } };
      expect((await intake.call('POST', '/export/presets', options)).status).toBe(201);
    }
    const pages = [];
    for (const page of [1, 2, 3, 4]) {
      pages.push(await listed('g1', `?per_page=2&page=${page}`, who.companyId));
    }
    expect(pages.map(({ data }) => data.map((preset) => preset.name))).toEqual([
      ['Alpha', 'Beta'],
      ['Delta', 'Epsilon'],
      ['Gamma'],
      [],
    ]);
    expect(pages[0]?.pagination).toEqual({ page: 1, per_page: 2, total: 5, total_pages: 3 });
  });
});

describe('version of a preset', () => {
  const change = (path: string, body: object, ifMatch?: string) => {
    const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
    return intake.call('PATCH', path, { ...as('h1'), body, headers });
  };

  it('is the ETag of each answer and of the list, and differs after each change', async () => {
    const { preset, path } = await made('h1', { name: 'V1', configuration });
    const read = await intake.call('GET', path, as('h1'));
    expect(read.headers.get('etag')).toBe(preset['etag']);
    const changed = await change(path, { name: 'V2' });
    expect(changed.headers.get('etag')).toBe(changed.body['etag']);
    expect(changed.body['etag']).not.toBe(preset['etag']);
    const { data } = await listed('h1');
    expect(data.find(({ id }) => id === preset['id'])?.etag).toBe(changed.body['etag']);
  });

  it('allows a change with its own ETag and rejects one with an older ETag as PRESET_CHANGED', async () => {
    const { preset, path } = await made('h1', { name: 'W1', configuration });
    const first = String(preset['etag']);
    expect((await change(path, { name: 'W2' }, first)).status).toBe(200);
    const late = await change(path, { name: 'W3' }, first);
    expect([late.status, late.body['code']]).toEqual([412, 'PRESET_CHANGED']);
    const options = { ...as('h1'), headers: { 'if-match': first } };
    expect((await intake.call('DELETE', path, options)).status).toBe(412);
    expect((await intake.call('GET', path, as('h1'))).body['name']).toBe('W2');
  });

  it('lets exactly one of several changes with the same ETag win', async () => {
    const { preset, path } = await made('h1', { name: 'X', configuration });
    const etag = String(preset['etag']);
    const answers = await Promise.all(['X1', 'X2', 'X3', 'X4'].map((name) => change(path, { name }, etag)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  it('keeps every field of concurrent changes without an ETag', async () => {
    const { path } = await made('h1', { name: 'Y', configuration });
    const other = { ...configuration, format: 'xlsx' };
    await Promise.all([
      change(path, { name: 'Y2' }),
      change(path, { shared: true }),
      change(path, { configuration: other }),
    ]);
    const { body } = await intake.call('GET', path, as('h1'));
    expect(body).toMatchObject({ name: 'Y2', shared: true, configuration: other });
  });
});
