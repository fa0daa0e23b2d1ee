import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportCompleted } from '@waybill/schemas';
import { cancelled, failed, sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from './testing/harness.ts';
import { emailsTo } from './testing/mailbox.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

type Make = (changes: Partial<ExportCompleted>) => ExportCompleted;

/** Returns an event that ended just now, of a person of its own. */
async function eventOf(make: Make, changes: Partial<ExportCompleted> = {}) {
  const { jobId, email, user } = freshJob();
  const personal = await sealedFor('company-1', user, { email, name: 'Ani Wijaya' });
  const spec = { ...exportSpec(), ...changes.spec, user_id: user, personal };
  const event = make({ job_id: jobId, completed_at: Date.now(), ...changes, spec });
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

/** Publishes a later event of the same job for another person. Once that email arrives, all earlier events were handled. */
async function handledSoFar(jobId: string): Promise<void> {
  const { event, email } = await eventOf(cancelled, { job_id: jobId, attempt: 99 });
  await harness.publish(event);
  await firstEmail(email);
}

describe('export.completed event', () => {
  it('sends one email that links to the download, and a notification in the app, after a success [S04]', async () => {
    const { event, email, user } = await eventOf(succeeded);
    await harness.publish(event);

    const received = await firstEmail(email);
    expect(received.Subject).toBe('Your contact export is ready: 9,997 rows (XLSX)');
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

  it("names the company's fields in the job's language in the email", async () => {
    const fields = [
      { name: 'first_name', name_alias: '', is_default: true },
      { name: 'notes', name_alias: 'Riwayat', is_default: true },
    ];
    await harness.crm.db.collection('field_properties').insertMany(
      fields.map((field) => ({
        ...field,
        company_id: 'company-1',
        field_type: 'text',
        is_hidden: false,
        type: 'contact',
        validation: {},
      })),
    );
    const { event, email } = await eventOf(succeeded, { spec: exportSpec({ locale: 'id' }) });
    await harness.publish(event);
    const { Text } = await firstEmail(email);
    expect(Text).toContain('Kolom: Nama depan, Phone, Riwayat');
    expect(Text).toContain('Riwayat: 2');
  });

  it('publishes a product event after the mail server accepted the email', async () => {
    const { event } = await eventOf(succeeded);
    await harness.publish(event);
    const published = await waitFor(
      () => {
        const found = harness.activities.filter(({ job_id }) => job_id === event.job_id);
        return found.length > 0 && found;
      },
      { limitMs: 20_000, what: 'the product event' },
    );
    expect(published).toMatchObject([
      {
        name: 'cdp_export_notification_sent',
        attributes: { channel: 'email', template: 'export_succeeded' },
      },
    ]);
  });

  it('sends separate emails for a failure and for a cancellation', async () => {
    const failure = await eventOf(failed, { spec: exportSpec({ locale: 'id' }) });
    const cancellation = await eventOf(cancelled);
    await harness.publish(failure.event);
    await harness.publish(cancellation.event);
    expect((await firstEmail(failure.email)).Subject).toBe(
      'Ekspor kontak Anda gagal: Terlalu banyak kontak untuk satu ekspor',
    );
    expect((await firstEmail(cancellation.email)).Subject).toBe('Your contact export was cancelled');
  });

  it('sends one email and one product event if it is repeated, also after a restart', async () => {
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

  it('sends a second email if a retry succeeds after the failure', async () => {
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

  it('notifies no person if the export ended more than seven days ago', async () => {
    const { event, email, user } = await eventOf(succeeded, { completed_at: Date.now() - 8 * 86_400_000 });
    await harness.publish(event);
    await handledSoFar(event.job_id);
    expect(await emailsTo(email)).toHaveLength(0);
    expect(await harness.collections.notifications.countDocuments({ user_id: user })).toBe(0);
  });

  it('leads to a failed delivery if the file expired before it was handled', async () => {
    const { event, email } = await eventOf(succeeded, { completed_at: Date.now() - 3 * 86_400_000 });
    await harness.publish(event);
    const failedDelivery = await waitFor(
      () => harness.collections.deliveries.findOne({ job_id: event.job_id, state: 'failed' }),
      { limitMs: 20_000, what: 'the delivery to fail' },
    );
    expect(failedDelivery).toMatchObject({ cause: 'EXPORT_EXPIRED', event: null });
    expect(await emailsTo(email)).toHaveLength(0);
  });

  it('is dead-lettered if its sealed part cannot be opened, and later events are handled', async () => {
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
