import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportCompleted } from '@waybill/schemas';
import { cancelled, failed, sealedFor, succeeded, testJob } from '@waybill/fixtures';
import { freshJob, Harness } from './testing/harness.ts';
import { emailsTo } from './testing/mailbox.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

type Make = (changes: Partial<ExportCompleted>) => ExportCompleted;

/** An event of a person of its own, that ended just now. */
async function eventOf(make: Make, changes: Partial<ExportCompleted> = {}) {
  const { jobId, email, user } = freshJob();
  const personal = await sealedFor('company-1', user, { email, name: 'Ani Wijaya' });
  const job = { ...testJob(), ...changes.spec, user_id: user, personal };
  const event = make({ job_id: jobId, completed_at: Date.now(), ...changes, spec: job });
  return { event, email, user };
}

async function firstEmail(email: string) {
  const [first] = await waitFor(
    async () => {
      const emails = await emailsTo(email);
      return emails.length > 0 && emails;
    },
    { limitMs: 20_000, what: 'the email' },
  );
  if (first === undefined) throw new Error('no email');
  return first;
}

/** A later event of the same job, for another person: once that one is told, all before it were handled. */
async function handledSoFar(jobId: string): Promise<void> {
  const { event, email } = await eventOf(cancelled, { job_id: jobId, attempt: 99 });
  await harness.publish(event);
  await firstEmail(email);
}

describe('an export that ended', () => {
  it('is told by one email that leads to the download, and in the app', async () => {
    const { event, email, user } = await eventOf(succeeded);
    await harness.publish(event);

    const received = await firstEmail(email);
    expect(received.Subject).toBe('Your contact export is ready: 10,000 rows (XLSX)');
    expect(received.To).toEqual([{ Name: 'Ani Wijaya', Address: email }]);
    const link = `https://crm.example/iag/v1/contacts/export/history/${event.job_id}/download`;
    expect(received.HTML).toContain(`href="${link}"`);
    expect(received.Text).toContain(link);

    const response = await harness.request('/iag/v1/notifications', { userId: user, companyId: 'company-1' });
    expect(await response.json()).toMatchObject({
      data: [{ origin: 'external_url', url: link, job_id: event.job_id, read: false }],
      unread_count: 1,
    });
  });

  it('is told to product teams once the mail server has taken the email', async () => {
    const { event } = await eventOf(succeeded);
    await harness.publish(event);
    const told = await waitFor(
      () => {
        const found = harness.activities.filter(({ job_id }) => job_id === event.job_id);
        return found.length > 0 && found;
      },
      { limitMs: 20_000, what: 'the product event' },
    );
    expect(told).toMatchObject([
      {
        name: 'cdp_export_notification_sent',
        attributes: { channel: 'email', template: 'export_succeeded' },
      },
    ]);
  });

  it('is told in its own words when it failed or was cancelled', async () => {
    const bad = await eventOf(failed, { spec: testJob({ locale: 'id' }) });
    const stopped = await eventOf(cancelled);
    await harness.publish(bad.event);
    await harness.publish(stopped.event);
    expect((await firstEmail(bad.email)).Subject).toBe(
      'Ekspor kontak Anda gagal: Terlalu banyak kontak untuk satu ekspor',
    );
    expect((await firstEmail(stopped.email)).Subject).toBe('Your contact export was cancelled');
  });

  it('is told once, however often the event comes, also after a restart', async () => {
    const { event, email, user } = await eventOf(succeeded);
    await harness.publish(event);
    await firstEmail(email);
    await harness.publish(event);
    await harness.publish(event);
    await handledSoFar(event.job_id);
    await harness.stop();
    await harness.start();
    await harness.publish(event);
    await handledSoFar(event.job_id);
    expect(await emailsTo(email)).toHaveLength(1);
    expect(harness.activities.filter(({ user_id }) => user_id === user)).toHaveLength(1);
  });

  it('is told anew when a retry of a failed job succeeds', async () => {
    const first = await eventOf(failed);
    await harness.publish(first.event);
    await firstEmail(first.email);
    await harness.publish({
      ...succeeded({ completed_at: Date.now() }),
      spec: first.event.spec,
      job_id: first.event.job_id,
      attempt: 2,
    });
    await waitFor(async () => (await emailsTo(first.email)).length === 2, {
      limitMs: 20_000,
      what: 'both emails',
    });
  });

  it('is not told when it ended more than seven days ago', async () => {
    const { event, email, user } = await eventOf(succeeded, { completed_at: Date.now() - 8 * 86_400_000 });
    await harness.publish(event);
    await handledSoFar(event.job_id);
    expect(await emailsTo(email)).toHaveLength(0);
    expect(await harness.collections.notifications.countDocuments({ user_id: user })).toBe(0);
  });

  it('ends as a dead letter when the file is gone before the email went out', async () => {
    const { event, email } = await eventOf(succeeded, { completed_at: Date.now() - 3 * 86_400_000 });
    await harness.publish(event);
    const letter = await deadLetterOf(event.job_id);
    expect(letter.headers).toMatchObject({ 'waybill-cause-code': 'EXPORT_EXPIRED' });
    expect(await emailsTo(email)).toHaveLength(0);
  });

  it('ends as a dead letter when nobody can read who asked, and later events go on', async () => {
    const { event } = await eventOf(succeeded);
    const stolen = { ...event, company_id: 'company-2' };
    await harness.publish(stolen);
    expect((await deadLetterOf(event.job_id)).headers).toMatchObject({
      'waybill-cause-code': 'SEALED_DATA_UNREADABLE',
    });
    await handledSoFar(event.job_id);
  });
});

async function deadLetterOf(jobId: string) {
  return waitFor(async () => (await harness.raw.read('notify.dlq')).find(({ key }) => key === jobId), {
    limitMs: 20_000,
    everyMs: 500,
    what: 'the dead letter',
  });
}
