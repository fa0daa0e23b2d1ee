import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceHarness } from '@waybill/harness';
import type { HistoryConfig } from '../../services/history/config.ts';
import type { NotifyConfig } from '../../services/notify/config.ts';
import { emailsTo } from '../../services/notify/testing/mailbox.ts';
import { DeliveryInstallation, type StoredExport } from './testing/installation.ts';

let installation: DeliveryInstallation;
let history: ServiceHarness<HistoryConfig>;
let notify: ServiceHarness<NotifyConfig>;

beforeAll(async () => {
  installation = await DeliveryInstallation.open();
  ({ history, notify } = installation);
});
afterAll(() => installation[Symbol.asyncDispose]());

const limitMs = 20_000;

const downloadOf = ({ event, person }: StoredExport) =>
  history.request(`/iag/v1/contacts/export/history/${event.job_id}/download`, person);

const collection = (name: 'entries' | 'registrations') =>
  history.sandbox.db.collection<{ readonly _id: string }>(name);

const entryOf = ({ event }: StoredExport) =>
  waitFor(() => collection('entries').findOne({ _id: event.job_id }), { limitMs, what: 'the entry' });

const emailTo = (email: string) =>
  waitFor(async () => (await emailsTo(email)).length > 0, { limitMs, what: 'the email' });

describe('notify and history', () => {
  it('history and downloads work while notify is stopped, and notify sends its emails after its start', async () => {
    await history.start();
    const stored = await installation.exported();
    const { event, email } = stored;
    await history.publish(event);
    await entryOf(stored);
    const click = await downloadOf(stored);
    const file = await fetch(click.headers.get('location') ?? '');
    expect(await file.text()).toBe(`the file of ${event.job_id}`);
    expect(await emailsTo(email)).toEqual([]);

    await notify.start();
    await emailTo(email);
    expect(await emailsTo(email)).toHaveLength(1);
    await Promise.all([history.stop(), notify.stop()]);
  });

  it('notify sends emails while history is stopped, and history adds its entries after its start', async () => {
    await notify.start();
    const stored = await installation.exported();
    await notify.publish(stored.event);
    await emailTo(stored.email);

    await history.start();
    await entryOf(stored);
    expect((await downloadOf(stored)).status).toBe(302);
    await Promise.all([history.stop(), notify.stop()]);
  });

  it('notify sends no further email and history changes no entry after two replays of export.completed', async () => {
    await Promise.all([history.start(), notify.start()]);
    const exports = [
      await installation.exported(),
      await installation.exported(),
      await installation.exported(),
    ];
    for (const stored of exports) {
      await history.publish(stored.event);
      await entryOf(stored);
      await emailTo(stored.email);
    }
    const entries = () => collection('entries').find().sort({ _id: 1 }).toArray();
    const before = await entries();
    const { activities } = await history.events();
    const published = () => activities.filter(({ name }) => name === 'cdp_export_history_registered').length;
    const registered = await collection('registrations').countDocuments();
    await waitFor(() => published() === registered, { limitMs, what: 'the product events' });

    for (let times = 0; times < 2; times += 1) {
      await Promise.all([history.stop(), notify.stop()]);
      await history.sandbox.raw.rewind('waybill.history', 'export.completed');
      await history.sandbox.raw.rewind('waybill.notify', 'export.completed');
      await Promise.all([history.start(), notify.start()]);
      await caughtUp('waybill.history');
      await caughtUp('waybill.notify');
    }
    expect(await entries()).toEqual(before);
    for (const { email } of exports) expect(await emailsTo(email)).toHaveLength(1);
    expect(published()).toBe(registered);
  });
});

/** Waits until the group has committed every message of the topic. */
async function caughtUp(group: string): Promise<void> {
  const topic = 'export.completed';
  const ends = await history.sandbox.raw.ends(topic);
  for (const [partition, end] of ends) {
    if (end === 0n) continue;
    await waitFor(async () => ((await history.sandbox.raw.committed(group, topic, partition)) ?? 0n) >= end, {
      limitMs,
      what: `${group} to reach the end of partition ${partition}`,
    });
  }
}
