/** Verifies the table of docs/permissions.md: what each permission alone, and none, allows in notify. */
import type { DevelopmentClaims } from '@waybill/auth';
import type { Permission } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeliveryStore } from '../delivery/delivery-store.ts';
import { endedExport } from '../ended-export.ts';
import { createNotificationStore } from '../inbox/notification-store.ts';
import { notificationOf } from '../inbox/notification.ts';
import { sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from '../testing/harness.ts';
import { responses } from './schemas.ts';

const companyId = 'company-1';

const roles: Readonly<Record<string, readonly Permission[]>> = {
  'no permission': [],
  export: ['contacts.export'],
  'history.company': ['contacts.export.history.company'],
  'history.organization': ['contacts.export.history.organization'],
  admin: ['contacts.export.admin'],
  erase: ['contacts.export.erase'],
};

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

/** A person with that permission alone. */
function holder(role: string): DevelopmentClaims & { readonly userId: string } {
  return { userId: freshJob().user, companyId, permissions: roles[role] ?? [] };
}

/** Stores a notification of that person. Returns its id. */
async function storeNotification(userId: string): Promise<string> {
  const ended = endedExport(
    succeeded({
      job_id: freshJob().jobId,
      spec: exportSpec({ user_id: userId }),
      completed_at: Date.now(),
    }),
  );
  if (ended === undefined) throw new Error('the event has no spec');
  const content = notificationOf(ended);
  const state = { read_at: null, publication: 'off', stored_at: new Date() } as const;
  await createNotificationStore(harness.collections.notifications).put(content, state);
  return content._id;
}

/** Stores a stuck delivery of the company. Returns its id. */
async function storeStuckDelivery(): Promise<string> {
  const { jobId, email, user } = freshJob();
  const personal = await sealedFor(companyId, user, { email });
  const spec = exportSpec({ user_id: user, personal, requested_at: Date.now() });
  const event = succeeded({ job_id: jobId, spec, completed_at: Date.now() });
  const deliveries = createDeliveryStore(harness.collections.deliveries);
  await deliveries.add(
    { id: jobId, template: 'export_succeeded', event, traceparent: undefined },
    // Due in an hour, so that the scheduler does not send it before it is marked as stuck.
    new Date(Date.now() + 3_600_000),
  );
  await harness.collections.deliveries.updateOne({ _id: jobId }, { $set: { state: 'stuck' } });
  return jobId;
}

const request = (path: string, claims: DevelopmentClaims, init?: RequestInit) =>
  harness.request(`/iag/v1/notifications${path}`, claims, init);

const post = (path: string, claims: DevelopmentClaims, body?: object) =>
  request(path, claims, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

describe.each(Object.keys(roles))('inbox of a person with %s alone', (role) => {
  it("lists the person's notifications and marks them as read", async () => {
    const claims = holder(role);
    const [first] = [await storeNotification(claims.userId), await storeNotification(claims.userId)];
    const list = await request('/', claims);
    expect(list.status).toBe(200);
    expect(await list.json()).toMatchObject({ unread_count: 2 });
    const one = await post(`/${first}/read`, claims);
    expect(one.status).toBe(200);
    expect(await one.json()).toMatchObject({ id: first, read: true });
    const rest = await post('/read', claims);
    expect(rest.status).toBe(200);
    expect(await rest.json()).toEqual({ marked: 1, unread_count: 0 });
  });

  it("streams the person's notifications", async () => {
    const closing = new AbortController();
    const response = await request('/stream', holder(role), { signal: closing.signal });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    closing.abort();
  });

  it("answers 404 for another person's notification and leaves it unread", async () => {
    const id = await storeNotification(freshJob().user);
    expect((await post(`/${id}/read`, holder(role))).status).toBe(404);
    expect(await harness.collections.notifications.findOne({ _id: id })).toMatchObject({ read_at: null });
  });
});

describe('routes of an operator', () => {
  const expected = Object.keys(roles).map(
    (role) => [role, role === 'admin' ? 200 : 403, role === 'erase' ? 200 : 403] as const,
  );

  it.each(expected)(
    'answer a session that has only %s with %i, an erasure with %i',
    async (role, status, erased) => {
      const claims = holder(role);
      const id = await storeStuckDelivery();
      const stuck = () => harness.collections.deliveries.countDocuments({ _id: id, state: 'stuck' });
      expect((await request('/deliveries', claims)).status).toBe(status);
      expect((await post(`/deliveries/${id}/resend`, claims)).status).toBe(status);
      expect(await stuck()).toBe(status === 200 ? 0 : 1);
      const erasure = { company_id: companyId, user_id: freshJob().user };
      expect((await post('/erasures', claims, erasure)).status).toBe(erased);
    },
  );
});

describe('GET /iag/v1/notifications/deliveries', () => {
  it('returns every delivery of the state page by page', async () => {
    const claims = holder('admin');
    await harness.collections.deliveries.deleteMany({ company_id: companyId });
    const stuck: string[] = [];
    for (let count = 0; count < 5; count += 1) stuck.unshift(await storeStuckDelivery());
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const response = await request(`/deliveries?limit=2${query}`, claims);
      const { data, pagination } = responses.Deliveries.parse(await response.json());
      found.push(...data.map(({ id }) => id));
      cursor = pagination.next_cursor;
    }
    expect(found.toSorted()).toEqual(stuck.toSorted());
  });
});
