import { createOpener } from '@waybill/crypto';
import { limits } from '@waybill/domain';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failed, testKeyEncryption } from '@waybill/fixtures';
import { Harness, type Person } from '../testing/harness.ts';
import { openVisitor } from './visitor.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open({ TRUST_FORWARDED_FOR: 'true' });
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

async function exportOf(person: Person, changes: Parameters<Harness['exported']>[1] = {}) {
  const event = await harness.exported(person, changes);
  await harness.register(event);
  return event;
}

const click = (jobId: string, person: Person | undefined, init: RequestInit = {}) =>
  harness.request(`/${jobId}/download`, person, init);

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
}

const auditOf = (jobId: string) => harness.collections.downloads.find({ job_id: jobId }).toArray();

describe('GET /{job_id}/download', () => {
  it('redirects to the file under its own name, for at most five minutes, with range requests', async () => {
    const ani = await harness.person();
    const { job_id: jobId, file } = await exportOf(ani);
    const response = await click(jobId, ani);
    expect(response.status).toBe(302);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const url = new URL(response.headers.get('location') ?? '');
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(300);
    expect(await response.text()).not.toContain('X-Amz');

    const whole = await fetch(url);
    expect(await whole.text()).toBe(`the file of ${jobId}`);
    expect(whole.headers.get('content-disposition')).toContain(file?.name);
    expect(whole.headers.get('content-type')).toBe(file?.content_type);
    const part = await fetch(url, { headers: { range: 'bytes=4-7' } });
    expect(part.status).toBe(206);
    expect(await part.text()).toBe('file');

    url.searchParams.set('X-Amz-Expires', '604800');
    expect((await fetch(url)).status).toBe(403);
  });

  it('writes person, time, address and agent to the audit and emits cdp_export_downloaded', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    await click(jobId, ani, {
      headers: { 'user-agent': 'Firefox', 'x-forwarded-for': '6.6.6.6, 203.0.113.9' },
    });
    const admin = await harness.person({
      companyId: ani.companyId,
      permissions: ['contacts.export.admin'],
    });
    const audit = await harness.request(`/${jobId}/downloads`, admin);
    expect(await audit.json()).toMatchObject({
      data: [
        {
          outcome: 'granted',
          user_id: ani.userId,
          email: 'clicker@example.com',
          address: '203.0.113.9',
          agent: 'Firefox',
        },
      ],
    });
    const entry = await harness.request(`/${jobId}`, ani);
    expect(await entry.json()).toMatchObject({ downloads: { count: 1 } });

    const event = await waitFor(
      () =>
        harness.activities.find(({ job_id, name }) => job_id === jobId && name === 'cdp_export_downloaded'),
      { limitMs: 20_000, what: 'the product event' },
    );
    expect(JSON.stringify(event)).not.toContain('clicker');
    if (event.personal === null) throw new Error('the event has no sealed part');
    const scope = { companyId: ani.companyId, userId: ani.userId };
    expect(await openVisitor(createOpener(testKeyEncryption()), event.personal, scope)).toMatchObject({
      email: 'clicker@example.com',
    });
  });

  it('shows email, address and agent of the audit to administrators of the company only', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    await click(jobId, ani);
    const lead = await harness.person({
      companyId: ani.companyId,
      permissions: ['contacts.export', 'contacts.export.history.company'],
    });
    const sister = await harness.person({
      permissions: ['contacts.export.admin', 'contacts.export.history.organization'],
    });
    for (const reader of [ani, lead, sister]) {
      const list = await harness.request(`/${jobId}/downloads`, reader);
      expect(await list.json()).toMatchObject({
        data: [{ user_id: ani.userId, outcome: 'granted', email: null, address: null, agent: null }],
      });
    }
  });

  it('records a limited number of refused clicks of a person in an hour, and every granted one', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    const stranger = await harness.person();
    const clicks = Array.from({ length: limits.refusedClicks }, () => click(jobId, stranger));
    expect(new Set((await Promise.all(clicks)).map(({ status }) => status))).toEqual(new Set([404]));
    for (let more = 0; more < 3; more += 1) expect((await click(jobId, stranger)).status).toBe(404);
    expect(await auditOf(jobId)).toHaveLength(limits.refusedClicks);
    expect(harness.log.join('')).toContain('refused click not recorded');
    expect((await click(jobId, ani)).status).toBe(302);
    expect((await click(jobId, await harness.person({ companyId: ani.companyId }))).status).toBe(403);
    expect(await auditOf(jobId)).toHaveLength(limits.refusedClicks + 2);
    // Those of an earlier hour do not count.
    const earlier = new Date(Date.now() - 3_600_001);
    await harness.collections.downloads.updateMany({ job_id: jobId }, { $set: { at: earlier } });
    await click(jobId, stranger);
    expect(await auditOf(jobId)).toHaveLength(limits.refusedClicks + 3);
  });

  it('shows the refused attempts of colleagues in the list of downloads, and not those of outsiders', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    const colleague = await harness.person({ companyId: ani.companyId });
    const stranger = await harness.person();
    const sister = await harness.person({
      permissions: ['contacts.export', 'contacts.export.history.organization'],
    });
    expect((await click(jobId, colleague)).status).toBe(403);
    expect((await click(jobId, stranger)).status).toBe(404);
    expect((await click(jobId, sister)).status).toBe(302);
    const admin = await harness.person({
      companyId: ani.companyId,
      permissions: ['contacts.export.admin'],
    });
    for (const reader of [ani, admin]) {
      const list = await (await harness.request(`/${jobId}/downloads`, reader)).text();
      expect(list).toContain(colleague.userId);
      expect(list).toContain(sister.userId);
      expect(list).not.toContain(stranger.userId);
    }
    expect(await auditOf(jobId)).toHaveLength(3);
  });

  it('needs no email in the token: the audit has the person, address and agent', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    expect((await click(jobId, { ...ani, email: null })).status).toBe(302);
    const admin = await harness.person({
      companyId: ani.companyId,
      permissions: ['contacts.export.admin'],
    });
    expect(await (await harness.request(`/${jobId}/downloads`, admin)).json()).toMatchObject({
      data: [{ user_id: ani.userId, email: null, address: expect.any(String) as string }],
    });
  });

  it('accepts the session cookie of a browser and answers 401 without a valid session', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    const cookie = `waybill_session=${await harness.token(ani)}`;
    expect((await click(jobId, undefined, { headers: { cookie } })).status).toBe(302);
    expect((await click(jobId, undefined)).status).toBe(401);
    expect((await click(jobId, undefined, { headers: { cookie: 'waybill_session=stolen' } })).status).toBe(
      401,
    );
  });

  it('answers an error with a page in the language of a browser and with a problem to a program', async () => {
    const ani = await harness.person();
    const old = await exportOf(ani, { completed_at: Date.now() - 172_800_000 });
    const cookie = `waybill_session=${await harness.token(ani)}`;
    const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', cookie, 'accept-language': 'id' };
    const page = await click(old.job_id, undefined, { headers: browser });
    expect([page.status, page.headers.get('content-type')]).toEqual([410, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<h1>Berkas sudah kedaluwarsa</h1>');
    const program = await click(old.job_id, undefined, { headers: { cookie, accept: '*/*' } });
    expect(program.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses a caller whose permission was revoked after the token was issued', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    expect((await click(jobId, ani)).status).toBe(302);
    await harness.hold(ani, []);
    const response = await click(jobId, ani);
    expect(response.status).toBe(403);
    expect(response.headers.get('location')).toBeNull();
    expect((await auditOf(jobId)).map(({ outcome, code }) => [outcome, code])).toContainEqual([
      'refused',
      'FORBIDDEN',
    ]);
  });

  it('refuses a token without the permission, even if the membership grants it', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    expect((await click(jobId, { ...ani, permissions: [] })).status).toBe(403);
  });

  it("does not confirm that another company's export exists and writes the attempt to the audit", async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    const stranger = await harness.person({ permissions: ['contacts.export', 'contacts.export.admin'] });
    const refused = await click(jobId, stranger);
    const unknown = await click('00000000-0000-4000-8000-000000000000', stranger);
    expect([refused.status, await codeOf(refused)]).toEqual([404, 'EXPORT_NOT_FOUND']);
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'EXPORT_NOT_FOUND']);
    expect((await click('no-job', stranger)).status).toBe(404);
    expect(await auditOf(jobId)).toMatchObject([{ user_id: stranger.userId, code: 'EXPORT_NOT_FOUND' }]);
  });

  it('answers 410 if the file has expired and 409 if the export has no file', async () => {
    const ani = await harness.person();
    const old = await exportOf(ani, { completed_at: Date.now() - 172_800_000 });
    const expired = await click(old.job_id, ani);
    expect([expired.status, await codeOf(expired)]).toEqual([410, 'EXPORT_EXPIRED']);
    const bad = await exportOf(ani, failed({ completed_at: Date.now(), company_id: ani.companyId }));
    expect((await click(bad.job_id, ani)).status).toBe(409);
  });

  it("redirects to a colleague's file with the permission for the company, and to a sister company's with that for the organisation", async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    const colleague = await harness.person({ companyId: ani.companyId });
    expect((await click(jobId, colleague)).status).toBe(403);
    const lead = await harness.person({
      companyId: ani.companyId,
      permissions: ['contacts.export', 'contacts.export.history.company'],
    });
    expect((await click(jobId, lead)).status).toBe(302);
    const head = await harness.person({
      permissions: ['contacts.export', 'contacts.export.history.organization'],
    });
    expect((await click(jobId, head)).status).toBe(302);
  });

  it('writes no signature, token or email address to the log', async () => {
    const ani = await harness.person();
    const { job_id: jobId } = await exportOf(ani);
    await click(jobId, ani);
    const log = harness.log.join('');
    expect(log).toContain('/iag/v1/contacts/export/history');
    expect(log).not.toMatch(/X-Amz-|Bearer|clicker@|ani@example/);
  });
});
