import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endedExport } from '../ended-export.ts';
import { createNotificationStore } from '../inbox/notification-store.ts';
import { notificationOf } from '../inbox/notification.ts';
import { failed, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from '../testing/harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const listShape = z.object({
  data: z.array(z.object({ id: z.string(), read: z.boolean(), title: z.string(), created_at: z.string() })),
  unread_count: z.number(),
  pagination: z.object({ limit: z.number(), next_cursor: z.string().nullable() }),
});

const path = '/iag/v1/notifications';

const newState = () => ({ read_at: null, publication: 'off' as const, stored_at: new Date() });

/** A person with that many notifications, the newest first by a second each. */
async function personWith(count: number) {
  const { user } = freshJob();
  const store = createNotificationStore(harness.collections.notifications);
  for (let index = 0; index < count; index += 1) {
    const completedAt = Date.now() - index * 1_000;
    const make = index % 2 === 0 ? succeeded : failed;
    const spec = exportSpec({ user_id: user });
    const ended = endedExport(make({ job_id: freshJob().jobId, spec, completed_at: completedAt }));
    if (ended !== undefined) await store.put(notificationOf(ended), newState());
  }
  const claims = { userId: user, companyId: 'company-1' };
  const list = async (query = '') =>
    listShape.parse(await (await harness.request(`${path}${query}`, claims)).json());
  return { claims, list };
}

describe('GET /iag/v1/notifications', () => {
  it('returns notifications newest first, page by page, without a gap or a repetition', async () => {
    const { list } = await personWith(7);
    const whole = await list();
    expect(whole.unread_count).toBe(7);
    expect(whole.data.map(({ created_at }) => created_at)).toEqual(
      whole.data
        .map(({ created_at }) => created_at)
        .toSorted()
        .toReversed(),
    );
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await list(`?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.pagination.next_cursor;
    }
    expect(ids).toEqual(whole.data.map(({ id }) => id));
  });

  it('returns notifications in the language of the session', async () => {
    const { claims } = await personWith(1);
    const response = await harness.request(path, { ...claims, locale: 'id' });
    expect(listShape.parse(await response.json()).data[0]?.title).toBe('Ekspor kontak Anda siap');
    const english = await harness.request(
      path,
      { ...claims, locale: 'id' },
      { headers: { 'accept-language': 'en' } },
    );
    expect(listShape.parse(await english.json()).data[0]?.title).toBe('Your contact export is ready');
  });

  it('does not return notifications of another person or of another company', async () => {
    const { claims } = await personWith(2);
    for (const other of [
      { ...claims, userId: 'somebody' },
      { ...claims, companyId: 'company-2' },
    ]) {
      const response = await harness.request(path, other);
      expect(await response.json()).toMatchObject({ data: [], unread_count: 0 });
    }
  });

  it('answers 401 without a session', async () => {
    expect((await harness.request(path, undefined)).status).toBe(401);
  });

  it('reports every fault of an invalid query', async () => {
    const { claims } = await personWith(0);
    const response = await harness.request(`${path}?limit=0&unread=perhaps&colour=red`, claims);
    expect(response.status).toBe(422);
    const problem = z
      .object({ errors: z.array(z.object({ path: z.string(), message: z.string() })) })
      .parse(await response.json());
    expect(problem.errors.map((error) => error.path).sort()).toEqual(['colour', 'limit', 'unread']);
    const indonesian = await harness.request(`${path}?limit=0`, { ...claims, locale: 'id' });
    expect(await indonesian.json()).toMatchObject({
      errors: [{ path: 'limit', message: 'harus paling sedikit 1' }],
    });
  });
});

describe('POST /iag/v1/notifications/read', () => {
  it('lowers the unread count once when one notification is read twice', async () => {
    const { claims, list } = await personWith(3);
    const id = (await list()).data[0]?.id ?? '';
    for (let times = 0; times < 2; times += 1) {
      const response = await harness.request(`${path}/${id}/read`, claims, { method: 'POST' });
      expect(await response.json()).toMatchObject({ id, read: true });
    }
    expect((await list()).unread_count).toBe(2);
    expect((await list('?unread=true')).data).toHaveLength(2);
  });

  it('marks some or all notifications as read in one request', async () => {
    const { claims, list } = await personWith(4);
    const ids = (await list()).data.slice(0, 2).map((each) => each.id);
    const some = await harness.request(`${path}/read`, claims, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ids }),
    });
    expect(await some.json()).toEqual({ marked: 2, unread_count: 2 });
    const all = await harness.request(`${path}/read`, claims, { method: 'POST' });
    expect(await all.json()).toEqual({ marked: 2, unread_count: 0 });
  });

  it("answers 404 for another person's notification and changes nothing", async () => {
    const { list } = await personWith(1);
    const id = (await list()).data[0]?.id ?? '';
    const other = { userId: 'somebody', companyId: 'company-1' };
    const response = await harness.request(`${path}/${id}/read`, other, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'NOTIFICATION_NOT_FOUND' });
    expect((await list()).unread_count).toBe(1);
  });

  it('answers 400 to a body that is not JSON', async () => {
    const { claims } = await personWith(1);
    const headers = { 'content-type': 'application/json' };
    const response = await harness.request(`${path}/read`, claims, { method: 'POST', headers, body: '{' });
    expect(response.status).toBe(400);
  });

  it('keeps a notification read after a replay of the event', async () => {
    const { claims, list } = await personWith(1);
    await harness.request(`${path}/read`, claims, { method: 'POST' });
    const stored = await harness.collections.notifications.findOne({ user_id: claims.userId });
    const store = createNotificationStore(harness.collections.notifications);
    if (stored === null) throw new Error('no notification');
    const { read_at: readAt, publication, stored_at: storedAt, ...content } = stored;
    expect(readAt).not.toBeNull();
    expect([publication, storedAt]).toEqual(['off', expect.any(Date)]);
    expect(await store.put(content, newState())).toBe(false);
    expect((await list()).unread_count).toBe(0);
  });
});
