import { randomUUID } from 'node:crypto';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from './testing/harness.ts';
import { emailsTo } from './testing/mailbox.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

/** Stores a company with two administrators and one person who may only export. */
async function companyWith(threshold: number | undefined) {
  const company = `company-${randomUUID()}`;
  await harness.crm.tenant(company, threshold === undefined ? {} : { alert_threshold: threshold });
  const [first, second, clerk] = [freshJob(), freshJob(), freshJob()];
  const member = (person: typeof first, locale: string, permissions: string[]) => ({
    _id: `${company}:${person.user}`,
    company_id: company,
    user_id: person.user,
    email: person.email,
    name: `Name of ${person.user}`,
    locale,
    permissions,
  });
  await harness.crm.db
    .collection<{ _id: string }>('memberships')
    .insertMany([
      member(first, 'id', ['contacts.export', 'contacts.export.admin']),
      member(second, 'en', ['contacts.export.admin']),
      member(clerk, 'en', ['contacts.export']),
    ]);
  return { company, first, second, clerk };
}

/** Publishes an export of 9,997 rows. */
async function exportIn(company: string, user: string, email: string) {
  const personal = await sealedFor(company, user, {
    email,
    name: 'Ani Wijaya',
    criterion: { search: 'secret' },
  });
  const spec = exportSpec({ user_id: user, personal });
  const event = succeeded({ job_id: randomUUID(), company_id: company, spec, completed_at: Date.now() });
  await harness.publish(event);
  await waitFor(async () => (await emailsTo(email)).length > 0, {
    limitMs: 20_000,
    what: "the requester's email",
  });
  return event;
}

describe("alert about an export above the company's threshold", () => {
  // The first test, since no job may have two notifications.
  it('does not affect the email of the requester if it cannot be stored', async () => {
    const { company, clerk } = await companyWith(1);
    const { notifications } = harness.collections;
    // The second notification about a job, which is that of an administrator, is refused.
    const [name = ''] = await notifications.createIndexes([{ key: { job_id: 1 }, unique: true }]);
    const event = await exportIn(company, clerk.user, clerk.email);
    await waitFor(
      async () => (await harness.raw.read('notify.dlq')).some(({ key }) => key === event.job_id),
      {
        limitMs: 20_000,
        everyMs: 300,
        what: 'the dead letter',
      },
    );
    await notifications.dropIndex(name);
    expect(await emailsTo(clerk.email)).toHaveLength(1);
  });

  it('is sent to each administrator once, in their own language, by email and in the app', async () => {
    const { company, first, second, clerk } = await companyWith(9_996);
    const event = await exportIn(company, clerk.user, clerk.email);
    await waitFor(async () => (await emailsTo(second.email)).length > 0, {
      limitMs: 20_000,
      what: 'the last alert',
    });
    await harness.publish(event);
    const [indonesian, ...more] = await emailsTo(first.email);
    expect(more).toEqual([]);
    expect(indonesian?.Subject).toBe('Ekspor kontak besar di perusahaan Anda: 9.997 baris');
    expect(indonesian?.Text).toContain('Ani Wijaya mengekspor 9.997 kontak');
    expect(indonesian?.Text).toContain(clerk.email);
    expect(indonesian?.Text).not.toContain('secret');
    expect(indonesian?.Text).not.toContain('/download');
    expect((await emailsTo(second.email)).map(({ Subject }) => Subject)).toEqual([
      'A large contact export in your company: 9,997 rows',
    ]);
    expect(await emailsTo(clerk.email)).toHaveLength(1);
    const inbox = await harness.request('/iag/v1/notifications', { userId: second.user, companyId: company });
    expect(await inbox.json()).toMatchObject({
      data: [
        {
          kind: 'export_threshold',
          body: '9,997 contacts were exported. Your company asks for a notice above 9,996.',
          url: 'https://crm.example',
        },
      ],
      unread_count: 1,
    });
  });

  it('is not sent for an export at the threshold or in a company without one', async () => {
    for (const threshold of [9_997, undefined]) {
      const { company, first, clerk } = await companyWith(threshold);
      await exportIn(company, clerk.user, clerk.email);
      expect(await harness.collections.notifications.countDocuments({ company_id: company })).toBe(1);
      expect(await emailsTo(first.email)).toHaveLength(0);
    }
  });

  it('is shown in the app to an administrator without an email, and sent to the others', async () => {
    const { company, first, second, clerk } = await companyWith(1);
    const memberships = harness.crm.db.collection('memberships');
    await memberships.updateOne({ user_id: first.user }, { $set: { email: null } });
    await exportIn(company, clerk.user, clerk.email);
    await waitFor(async () => (await emailsTo(second.email)).length > 0, {
      limitMs: 20_000,
      what: 'the alert of the other administrator',
    });
    const alerted = { company_id: company, user_id: first.user, kind: 'export_threshold' } as const;
    expect(await harness.collections.notifications.countDocuments(alerted)).toBe(1);
    expect(harness.log.filter((line) => line.includes('administrator has no email'))).toHaveLength(1);
  });

  it('is sent to an administrator who is the requester in addition to their own email', async () => {
    const { company, first } = await companyWith(1);
    await exportIn(company, first.user, first.email);
    await waitFor(async () => (await emailsTo(first.email)).length === 2, {
      limitMs: 20_000,
      what: 'both emails',
    });
  });
});
