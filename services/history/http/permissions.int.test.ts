/** The cells of docs/permissions.md: the answer to each permission alone, and to none. */
import { randomUUID } from 'node:crypto';
import type { Permission } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Harness, type Person } from '../testing/harness.ts';

const roles: Readonly<Record<string, readonly Permission[]>> = {
  'no permission': [],
  export: ['contacts.export'],
  'history.company': ['contacts.export.history.company'],
  'history.organization': ['contacts.export.history.organization'],
  admin: ['contacts.export.admin'],
  erase: ['contacts.export.erase'],
};

/** Statuses in the order of `roles`. */
const cells = {
  'GET /, scope=mine': [403, 200, 200, 200, 200, 403],
  'GET /, scope=company': [403, 403, 200, 200, 200, 403],
  'GET /, scope=organization': [403, 403, 403, 200, 403, 403],
  'GET /{job_id}, own': [403, 200, 200, 200, 200, 403],
  "GET /{job_id}, a colleague's": [403, 403, 200, 200, 200, 403],
  "GET /{job_id}, a sister company's": [404, 404, 404, 200, 404, 404],
  'GET /{job_id}/downloads, own': [403, 200, 200, 200, 200, 403],
  "GET /{job_id}/downloads, a colleague's": [403, 403, 200, 200, 200, 403],
  "GET /{job_id}/downloads, a sister company's": [404, 404, 404, 200, 404, 404],
  'GET /{job_id}/skipped, own': [403, 200, 200, 200, 200, 403],
  "GET /{job_id}/skipped, a colleague's": [403, 403, 200, 200, 200, 403],
  "GET /{job_id}/skipped, a sister company's": [404, 404, 404, 200, 404, 404],
  'GET /{job_id}/download, own': [403, 302, 403, 403, 403, 403],
  "GET /{job_id}/download, a colleague's": [403, 403, 403, 403, 403, 403],
  "GET /{job_id}/download, a colleague's, with export as well": [403, 403, 302, 302, 302, 403],
  "GET /{job_id}/download, a sister company's": [404, 404, 404, 403, 404, 404],
  "GET /{job_id}/download, a sister company's, with export as well": [404, 404, 404, 302, 404, 404],
  'POST /erasures': [403, 403, 403, 403, 403, 200],
} as const;

let harness: Harness;
const organizationId = `org-${randomUUID()}`;
const companyId = `company-${randomUUID()}`;
const jobs = { colleague: '', sister: '', own: new Map<string, string>() };
const people = new Map<string, Person>();

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
  const jobOf = async (person: Person) => (await harness.register(await harness.exported(person)))._id;
  jobs.colleague = await jobOf(await harness.person({ companyId, organizationId }));
  jobs.sister = await jobOf(await harness.person({ organizationId }));
  for (const [role, permissions] of Object.entries(roles)) {
    const person = await harness.person({ companyId, organizationId, permissions });
    people.set(role, person);
    jobs.own.set(role, await jobOf(person));
  }
});
afterAll(() => harness[Symbol.asyncDispose]());

/** Returns the person with contacts.export as well, in the token and in the membership. */
async function withExport(person: Person): Promise<Person> {
  if (person.permissions.length === 0) return person;
  const permissions = [...new Set<Permission>(['contacts.export', ...person.permissions])];
  await harness.hold(person, permissions);
  return { ...person, permissions };
}

function pathOf(cell: string, role: string): string {
  const scope = /scope=\w+$/.exec(cell)?.[0];
  if (scope !== undefined) return `?${scope}`;
  if (cell === 'POST /erasures') return '/erasures';
  const job = cell.includes('colleague') ? jobs.colleague : cell.includes('sister') ? jobs.sister : undefined;
  const tail = /\{job_id\}(\/\w+)?/.exec(cell)?.[1] ?? '';
  return `/${job ?? jobs.own.get(role) ?? ''}${tail}`;
}

async function ask(cell: string, role: string): Promise<Response> {
  const person = people.get(role);
  if (person === undefined) throw new Error(`nobody holds ${role}`);
  const path = pathOf(cell, role);
  if (cell === 'POST /erasures') {
    const body = JSON.stringify({ company_id: companyId, user_id: 'nobody' });
    return harness.request(path, person, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  }
  if (!cell.endsWith('with export as well')) return harness.request(path, person);
  const response = await harness.request(path, await withExport(person));
  await harness.hold(person, person.permissions);
  return response;
}

describe.each(Object.entries(cells))('%s', (cell, statuses) => {
  const expected = Object.keys(roles).map((role, index) => [role, statuses[index]] as const);

  it.each(expected)('answers a caller who has only %s with %i', async (role, status) => {
    expect((await ask(cell, role)).status).toBe(status);
  });
});

describe('GET /iag/v1/contacts/export/history', () => {
  const listed = async (role: string, scope: string) => {
    const response = await harness.request(`?scope=${scope}`, people.get(role));
    const body = await response.text();
    return { colleague: body.includes(jobs.colleague), sister: body.includes(jobs.sister) };
  };

  it.each(['export', 'history.company', 'history.organization', 'admin'])(
    'shows a caller with %s only their own entries in scope=mine',
    async (role) => expect(await listed(role, 'mine')).toEqual({ colleague: false, sister: false }),
  );

  it.each(['history.company', 'history.organization', 'admin'])(
    "shows a caller with %s the colleagues' entries and no sister company's in scope=company",
    async (role) => expect(await listed(role, 'company')).toEqual({ colleague: true, sister: false }),
  );

  it("shows the sister companies' entries as well in scope=organization", async () => {
    expect(await listed('history.organization', 'organization')).toEqual({ colleague: true, sister: true });
  });
});
