import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../testing/call.ts';
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
const dataOf = ({ body }: Answer) => body['data'] as Record<string, unknown>;

const create = (user: string, body: object) => intake.call('POST', '/export/presets', { ...as(user), body });
const list = async (user: string, companyId?: string) => {
  const who = { userId: user, ...(companyId === undefined ? {} : { companyId }) };
  const { body } = await intake.call('GET', '/export/presets', { as: who });
  return (body['data'] as { name: string }[]).map((preset) => preset.name);
};

describe('last configuration', () => {
  it('is null before the first export, then the configuration of the last export [S07] [R7]', async () => {
    const before = await intake.call('GET', '/export/presets/last', as('a1'));
    expect(before.body).toEqual({ data: null });
    await intake.exportWith(
      { ...configuration, source: ['line', 'whatsapp', 'email'], period: undefined },
      as('a1'),
    );
    const after = await waitFor(
      async () => {
        const answer = await intake.call('GET', '/export/presets/last', as('a1'));
        return answer.body['data'] === null ? undefined : dataOf(answer);
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
        const data = dataOf(await intake.call('GET', '/export/presets/last', as('a2'))) as {
          configuration: { format: string };
        } | null;
        return data?.configuration.format === 'xlsx' ? data : undefined;
      },
      { limitMs: 10_000, what: 'the newer one' },
    );
    expect(JSON.stringify(last)).not.toContain('example');
  });

  it('is stored per person [S07]', async () => {
    const answer = await intake.call('GET', '/export/presets/last', as('nobody-yet'));
    expect(answer.body).toEqual({ data: null });
  });
});

describe('preset', () => {
  it('can be created, renamed, changed and deleted', async () => {
    const made = dataOf(await create('b1', { name: '  Weekly ', configuration }));
    expect(made).toMatchObject({ name: 'Weekly', shared: false, own: true, configuration });
    const path = `/export/presets/${String(made['id'])}`;
    const renamed = await intake.call('PATCH', path, { ...as('b1'), body: { name: 'Monthly' } });
    expect(dataOf(renamed)).toMatchObject({ name: 'Monthly', configuration });
    const changed = { ...configuration, format: 'xlsx' };
    await intake.call('PATCH', path, { ...as('b1'), body: { configuration: changed } });
    expect(await list('b1')).toEqual(['Monthly']);
    expect((await intake.call('DELETE', path, as('b1'))).status).toBe(204);
    expect(await list('b1')).toEqual([]);
    expect((await intake.call('DELETE', path, as('b1'))).body['code']).toBe('PRESET_NOT_FOUND');
  });

  it('is visible to its owner when it is private, and to the company only when it is shared', async () => {
    const own = dataOf(await create('c1', { name: 'Private', configuration }));
    await create('c1', { name: 'Shared', shared: true, configuration });
    expect(await list('c1')).toEqual(['Private', 'Shared']);
    expect(await list('c2')).toEqual(['Shared']);
    expect(await list('c2', 'another-company')).toEqual([]);
    const peek = await intake.call('PATCH', `/export/presets/${String(own['id'])}`, {
      ...as('c2'),
      body: { name: 'Mine' },
    });
    expect([peek.status, peek.body['code']]).toEqual([404, 'PRESET_NOT_FOUND']);
  });

  it('can be changed by its owner and, when it is shared, by administrators', async () => {
    const shared = dataOf(await create('d1', { name: 'Team', shared: true, configuration }));
    const path = `/export/presets/${String(shared['id'])}`;
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
    const made = dataOf(
      await create('f1', { name: 'Old', configuration: { ...configuration, selected_fields: fields } }),
    );
    expect(made).toMatchObject({ missing_fields: ['gone_field'], missing_layout: false });
    const lost = dataOf(
      await create('f1', { name: 'Older', configuration: { ...configuration, layout_id: 'gone' } }),
    );
    expect(lost).toMatchObject({ missing_fields: [], missing_layout: true });
    expect(await list('f1')).toEqual(expect.arrayContaining(['Old', 'Older']));
  });
});
