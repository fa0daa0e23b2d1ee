import type { ErasureRecord } from '@waybill/erasure';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Harness, type Person } from './testing/harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const erase = (admin: Person, body: { user_id?: string; company_id?: string }) =>
  harness.request('/erasures', admin, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ company_id: admin.companyId, ...body }),
  });

async function filesOf(companyId: string): Promise<number> {
  const prefix = `private/exports/test/${companyId}/`;
  const found = await Array.fromAsync(harness.storage.list(harness.bucket, prefix));
  return found.length;
}

/** Creates a company with an administrator, and two people with an export and a download each. */
async function company() {
  const admin = await harness.person({ permissions: ['contacts.export.admin', 'contacts.export.erase'] });
  const [ani, budi] = [
    await harness.person({ companyId: admin.companyId }),
    await harness.person({ companyId: admin.companyId }),
  ];
  const events = [];
  for (const person of [ani, budi]) {
    const event = await harness.exported(person);
    await harness.register(event);
    expect((await harness.request(`/${event.job_id}/download`, person)).status).toBe(302);
    events.push(event);
  }
  const [his, hers] = events.toReversed();
  if (his === undefined || hers === undefined) throw new Error('no events');
  await relayed();
  return { admin, ani, budi, hers, his };
}

async function relayed(): Promise<void> {
  const pending = () => harness.collections.downloads.countDocuments({ outbox_pending: true });
  await waitFor(async () => (await pending()) === 0, { limitMs: 20_000, what: 'the outbox to empty' });
}

const clicksOn = (...jobs: readonly string[]) =>
  harness.collections.downloads.find({ job_id: { $in: jobs } }).toArray();

const records = () => harness.database.collection<ErasureRecord>('erasure_records');

async function everything(): Promise<string> {
  const { entries, downloads, registrations, erasures } = harness.collections;
  return JSON.stringify([
    await entries.find().toArray(),
    await downloads.find().toArray(),
    await registrations.find().toArray(),
    await erasures.find().toArray(),
  ]);
}

describe('erasing a person', () => {
  it('removes the files and the person from all entries and downloads, and reports 0 remaining', async () => {
    const { admin, ani, budi, hers, his } = await company();
    const response = await erase(admin, { user_id: ani.userId });
    expect(await response.json()).toMatchObject({
      user_id: ani.userId,
      removed: { entries: 1, downloads: 1, events: 0, files: 2 },
      remaining: { entries: 0, downloads: 0, events: 0, files: 0 },
    });
    expect(await everything()).not.toContain(ani.userId);
    expect(await filesOf(admin.companyId)).toBe(2);
    const entry = await harness.request(`/${hers.job_id}`, admin);
    expect(await entry.json()).toMatchObject({
      requested_by: { user_id: 'erased', email: null, name: null, erased: true },
      success_count: 9_997,
      file: null,
      selection: { criterion: null },
    });
    expect((await harness.request(`/${his.job_id}/download`, budi)).status).toBe(302);
  });

  it('is not undone by a replay of the topic and does not affect later exports of the person', async () => {
    const { admin, ani, hers } = await company();
    await erase(admin, { user_id: ani.userId });
    await harness.collections.entries.deleteOne({ _id: hers.job_id });
    await harness.register(hers);
    expect(await everything()).not.toContain(ani.userId);
    const later = await harness.exported(ani, { spec: null });
    await harness.register({
      ...later,
      spec: later.spec === null ? null : { ...later.spec, requested_at: Date.now() },
    });
    expect((await harness.request(`/${later.job_id}`, ani)).status).toBe(200);
  });

  it('is refused if the body names another company than the token', async () => {
    const [one, other] = [await company(), await company()];
    const response = await erase(one.admin, { company_id: other.admin.companyId });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: 'company_id' }] });
    expect(await filesOf(one.admin.companyId)).toBe(4);
  });

  it('requires a permission of its own, which an administrator does not have', async () => {
    const { admin, ani, budi } = await company();
    expect((await erase(ani, { user_id: budi.userId })).status).toBe(403);
    const without = { ...admin, permissions: ['contacts.export.admin'] as const };
    expect((await erase(without, { user_id: budi.userId })).status).toBe(403);
  });

  it('is recorded under the id of the answer, and the record is not erased with the company', async () => {
    const { admin, ani } = await company();
    const answer = (await (await erase(admin, { user_id: ani.userId })).json()) as { erasure_id: string };
    await erase(admin, {});
    const record = await records().findOne({ _id: answer.erasure_id });
    expect(record).toMatchObject({
      company_id: admin.companyId,
      requested_by: admin.userId,
      scope: 'person',
      removed: { downloads: 1 },
      remaining: { downloads: 0 },
    });
    expect(record?.finished_at).toBeInstanceOf(Date);
    expect(JSON.stringify(record)).not.toContain(ani.userId);
  });

  it('keeps the download audit under a pseudonym, the same for all clicks of the person', async () => {
    const { admin, ani, budi, hers, his } = await company();
    const before = await harness.collections.downloads.find({ job_id: hers.job_id }).toArray();
    expect((await harness.request(`/${his.job_id}/download`, ani)).status).toBe(403);
    await erase(admin, { user_id: ani.userId });
    const after = await clicksOn(hers.job_id, his.job_id);
    expect(after).toHaveLength(3);
    const pseudonyms = new Set(after.map(({ user_id }) => user_id).filter((id) => id !== budi.userId));
    expect(pseudonyms.size).toBe(1);
    expect([...pseudonyms][0]).toMatch(/^erased-[0-9a-f]{32}$/);
    const [kept] = after.filter(({ _id }) => _id === before[0]?._id);
    expect(kept).toMatchObject({ at: before[0]?.at, keep_until: before[0]?.keep_until, personal: null });
  });

  it("finds the person's clicks on the files of a sister company, and not those of a namesake there", async () => {
    const { admin } = await company();
    const organization = { organizationId: 'org-1' };
    const permissions = ['contacts.export', 'contacts.export.history.organization'] as const;
    const head = await harness.person({ ...organization, companyId: admin.companyId, permissions });
    const sister = await harness.person(organization);
    const namesake = { ...sister, userId: head.userId, permissions: [...permissions] };
    await harness.hold(namesake, namesake.permissions);
    const theirs = await harness.exported(sister);
    await harness.register(theirs);
    for (const person of [head, namesake]) {
      expect((await harness.request(`/${theirs.job_id}/download`, person)).status).toBe(302);
    }
    await relayed();
    expect(await (await erase(admin, { user_id: head.userId })).json()).toMatchObject({
      removed: { downloads: 1 },
      remaining: { downloads: 0 },
    });
    const clicks = await clicksOn(theirs.job_id);
    expect(clicks.filter(({ user_id }) => user_id.startsWith('erased-'))).toMatchObject([
      { visitor_company_id: admin.companyId, personal: null },
    ]);
    expect(clicks.filter(({ user_id }) => user_id === head.userId)).toMatchObject([
      { visitor_company_id: sister.companyId },
    ]);
  });
});

describe('erasing a company', () => {
  it('removes all its data, and a replay brings nothing back', async () => {
    const { admin, hers, his } = await company();
    const other = await company();
    const response = await erase(admin, {});
    expect(await response.json()).toMatchObject({
      user_id: null,
      removed: { entries: 2, downloads: 2, events: 0, files: 4 },
      remaining: { entries: 0, downloads: 0, events: 0, files: 0 },
    });
    expect(await everything()).not.toContain(admin.companyId);
    expect(await clicksOn(hers.job_id, his.job_id)).toHaveLength(2);
    expect((await clicksOn(hers.job_id))[0]).toMatchObject({
      company_id: expect.stringMatching(/^erased-/) as string,
      user_id: expect.stringMatching(/^erased-/) as string,
      personal: null,
    });
    await harness.publish(hers);
    // The same job is in the same partition, so this event is handled after the replayed one.
    const ani = await harness.person();
    await harness.register({ ...(await harness.exported(ani)), job_id: hers.job_id, attempt: 2 });
    expect(await everything()).not.toContain(admin.companyId);
    expect(await filesOf(other.admin.companyId)).toBe(4);
  });
});
