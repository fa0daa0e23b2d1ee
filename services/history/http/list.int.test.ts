import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEntryStore } from '../entries/entry-store.ts';
import { entryOf } from '../entries/entry.ts';
import { cancelled, failed, succeeded, exportSpec } from '@waybill/fixtures';
import { Harness, type Person } from '../testing/harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const listShape = z.object({
  data: z.array(z.object({ job_id: z.string(), status: z.string(), requested_at: z.string() })),
  pagination: z.object({ limit: z.number(), next_cursor: z.string().nullable() }),
});

const codeShape = z.object({ code: z.string() });

const downloadsShape = listShape.extend({ data: z.array(z.object({ id: z.string(), at: z.string() })) });

async function list(person: Person, query = '') {
  return listShape.parse(await (await harness.request(query, person)).json());
}

const ids = (page: z.output<typeof listShape>) => page.data.map(({ job_id }) => job_id);

interface EntryChanges {
  readonly make?: typeof succeeded;
  readonly requestedAt?: number;
  readonly completedAt?: number;
  readonly format?: 'xlsx' | 'csv';
}

/** Stores an entry of that person and returns its job id. */
async function entryFor(person: Person, changes: EntryChanges = {}): Promise<string> {
  const jobId = randomUUID();
  const event = (changes.make ?? succeeded)({
    job_id: jobId,
    company_id: person.companyId,
    completed_at: changes.completedAt ?? Date.now(),
    spec: exportSpec({
      user_id: person.userId,
      organization_id: person.organizationId,
      requested_at: changes.requestedAt ?? Date.now(),
      format: changes.format ?? 'xlsx',
    }),
  });
  const entry = entryOf(event);
  if (entry !== undefined) await createEntryStore(harness.collections.entries).put(entry);
  return jobId;
}

const lead: Partial<Person> = { permissions: ['contacts.export', 'contacts.export.history.company'] };

describe('GET /iag/v1/contacts/export/history', () => {
  it('returns all entries page by page, newest request first, also those of the same instant', async () => {
    const ani = await harness.person();
    const now = Date.now();
    for (const ago of [0, 0, 0, 5_000, 5_000, 9_000, 12_000]) await entryFor(ani, { requestedAt: now - ago });
    const whole = await list(ani);
    expect(whole.data).toHaveLength(7);
    const times = whole.data.map(({ requested_at }) => requested_at);
    expect(times).toEqual(times.toSorted().toReversed());
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await list(ani, `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...ids(page));
      cursor = page.pagination.next_cursor;
    }
    expect(paged).toEqual(ids(whole));
  });

  it("shows one's own, the company's or the organisation's exports, depending on the permission [S08]", async () => {
    const ani = await harness.person();
    const budi = await harness.person({ ...lead, companyId: ani.companyId });
    const head = await harness.person({
      permissions: ['contacts.export.history.organization'],
      organizationId: `org-${randomUUID()}`,
    });
    const west = await harness.person({ organizationId: head.organizationId });
    const [hers, his, theirs] = [await entryFor(ani), await entryFor(budi), await entryFor(west)];
    expect(ids(await list(ani))).toEqual([hers]);
    expect(ids(await list(budi)).toSorted()).toEqual([hers, his].toSorted());
    expect(ids(await list(budi, '?scope=mine'))).toEqual([his]);
    expect(ids(await list(budi, `?user_id=${ani.userId}`))).toEqual([hers]);
    expect(ids(await list(head))).toEqual([]);
    expect(ids(await list(head, '?scope=organization'))).toEqual([theirs]);
    expect((await harness.request('?scope=organization', budi)).status).toBe(403);
    expect((await harness.request(`?user_id=${budi.userId}`, ani)).status).toBe(403);
    expect((await harness.request('', undefined)).status).toBe(401);
  });

  it('filters by status, by format and by day', async () => {
    const ani = await harness.person();
    const noon = Date.UTC(2026, 10, 1, 5);
    const fresh = await entryFor(ani);
    const csv = await entryFor(ani, { format: 'csv' });
    const bad = await entryFor(ani, { make: failed });
    const stopped = await entryFor(ani, { make: cancelled });
    const old = await entryFor(ani, { requestedAt: noon, completedAt: Date.now() - 172_800_001 });
    expect(ids(await list(ani, '?status=completed')).toSorted()).toEqual([fresh, csv].toSorted());
    expect(ids(await list(ani, '?status=expired'))).toEqual([old]);
    expect(ids(await list(ani, '?status=failed'))).toEqual([bad]);
    expect(ids(await list(ani, '?status=cancelled'))).toEqual([stopped]);
    expect(ids(await list(ani, '?format=csv'))).toEqual([csv]);
    expect(ids(await list(ani, '?from=2026-11-01&to=2026-11-01'))).toEqual([old]);
    expect(ids(await list(ani, '?from=2026-11-01&to=2026-11-01&timezone=Pacific/Pago_Pago'))).toEqual([]);
  });

  it('refuses invalid parameters with the path of each fault', async () => {
    const ani = await harness.person();
    const response = await harness.request('?limit=many&sort=asc&cursor=abc', ani);
    expect(response.status).toBe(422);
    const cursor = await harness.request('?cursor=abc', ani);
    expect(await cursor.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'cursor' }] });
  });

  it('returns every click on a file page by page, newest first', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    const { job_id: jobId } = event;
    await harness.register(event);
    for (let clicks = 0; clicks < 5; clicks += 1) await harness.request(`/${jobId}/download`, ani);
    const page = async (query: string) =>
      downloadsShape.parse(await (await harness.request(`/${jobId}/downloads${query}`, ani)).json());
    const whole = await page('');
    expect(whole.pagination).toEqual({ limit: 20, next_cursor: null });
    const found: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { data, pagination } = await page(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(data.length).toBeLessThanOrEqual(2);
      found.push(...data);
      cursor = pagination.next_cursor;
    }
    expect(found).toHaveLength(5);
    expect(found).toEqual(whole.data);
    expect((await harness.request(`/${jobId}/downloads?page=2`, ani)).status).toBe(422);
  });

  it('returns the ids of skipped contacts page by page, in the order of the selection', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.register(event);
    const page = async (query: string): Promise<unknown> =>
      (await harness.request(`/${event.job_id}/skipped${query}`, ani)).json();
    expect(await page('')).toEqual({
      data: [{ id: 'gone-1' }, { id: 'gone "2"' }, { id: 'gone\n3' }],
      pagination: { limit: 100, next_cursor: null },
    });
    expect(await page('?limit=2')).toEqual({
      data: [{ id: 'gone-1' }, { id: 'gone "2"' }],
      pagination: { limit: 2, next_cursor: '2' },
    });
    expect(await page('?limit=2&cursor=2')).toEqual({
      data: [{ id: 'gone\n3' }],
      pagination: { limit: 2, next_cursor: null },
    });
    expect(await page('?cursor=last')).toMatchObject({ errors: [{ path: 'cursor' }] });
  });

  it('lists skipped contacts as long as the file exists, for those who may see the entry', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.register(event);
    const old = await harness.exported(ani, { completed_at: Date.now() - 172_800_000 });
    await harness.register(old);
    const bad = await entryFor(ani, { make: failed });
    const answer = async (jobId: string, person = ani) => {
      const response = await harness.request(`/${jobId}/skipped`, person);
      return [response.status, codeShape.parse(await response.json()).code];
    };
    expect(await answer(old.job_id)).toEqual([410, 'EXPORT_EXPIRED']);
    expect(await answer(bad)).toEqual([409, 'EXPORT_WITHOUT_FILE']);
    const colleague = await harness.person({ companyId: ani.companyId });
    expect(await answer(event.job_id, colleague)).toEqual([403, 'FORBIDDEN']);
    expect(await answer(event.job_id, await harness.person(lead))).toEqual([404, 'EXPORT_NOT_FOUND']);
  });

  it("answers 403 for a colleague's entry and 404 for one of another company", async () => {
    const ani = await harness.person();
    const jobId = await entryFor(ani);
    const colleague = await harness.person({ companyId: ani.companyId });
    const stranger = await harness.person(lead);
    expect((await harness.request(`/${jobId}`, colleague)).status).toBe(403);
    expect((await harness.request(`/${jobId}`, stranger)).status).toBe(404);
    expect((await harness.request(`/${jobId}/downloads`, stranger)).status).toBe(404);
  });
});
