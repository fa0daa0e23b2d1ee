import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Harness as History } from '../../services/history/testing/harness.ts';
import { sealedFor } from '@waybill/fixtures';
import { freshJob, Harness as Notify } from '../../services/notify/testing/harness.ts';
import { emailsTo } from '../../services/notify/testing/mailbox.ts';

let history: History;
let notify: Notify;

beforeAll(async () => {
  history = await History.open();
  // One installation: the same topics, so that both see the same events.
  notify = await Notify.open({ TOPIC_PREFIX: history.environment['TOPIC_PREFIX'] ?? '' });
});
afterAll(async () => {
  await notify[Symbol.asyncDispose]();
  await history[Symbol.asyncDispose]();
});

const limitMs = 20_000;

/** An export with its file in storage, of a person with an address of their own. */
async function exported() {
  const person = await history.person();
  const { email } = freshJob();
  const event = await history.exported(person);
  const personal = await sealedFor(person.companyId, person.userId, { email });
  const spec = event.spec === null ? null : { ...event.spec, personal };
  return { event: { ...event, spec }, person, email };
}

const emailTo = (email: string) =>
  waitFor(async () => (await emailsTo(email)).length > 0, { limitMs, what: 'the email' });

describe('notify and history', () => {
  it('history and files go on while notify is stopped, and notify catches up', async () => {
    await history.start();
    const { event, person, email } = await exported();
    await history.register(event);
    const click = await history.request(`/${event.job_id}/download`, person);
    const file = await fetch(click.headers.get('location') ?? '');
    expect(await file.text()).toBe(`the file of ${event.job_id}`);
    expect(await emailsTo(email)).toEqual([]);

    await notify.start();
    await emailTo(email);
    expect(await emailsTo(email)).toHaveLength(1);
    await Promise.all([history.stop(), notify.stop()]);
  });

  it('emails go on while history is stopped, and history catches up', async () => {
    await notify.start();
    const { event, person, email } = await exported();
    await notify.publish(event);
    await emailTo(email);

    await history.start();
    await waitFor(() => history.collections.entries.findOne({ _id: event.job_id }), {
      limitMs,
      what: 'the entry',
    });
    expect((await history.request(`/${event.job_id}/download`, person)).status).toBe(302);
    await Promise.all([history.stop(), notify.stop()]);
  });

  it('a replay of all of export.completed, twice, sends no further email and changes no entry', async () => {
    await Promise.all([history.start(), notify.start()]);
    const exports = [await exported(), await exported(), await exported()];
    for (const { event, email } of exports) {
      await history.register(event);
      await emailTo(email);
    }
    const entries = () => history.collections.entries.find().sort({ _id: 1 }).toArray();
    const before = await entries();
    const told = () =>
      notify.activities.filter(({ name }) => name === 'cdp_export_history_registered').length;
    const registered = await history.collections.registrations.countDocuments();
    await waitFor(() => told() === registered, { limitMs, what: 'the product events' });

    for (let times = 0; times < 2; times += 1) {
      await Promise.all([history.stop(), notify.stop()]);
      await history.raw.rewind('waybill.history', 'export.completed');
      await history.raw.rewind('waybill.notify', 'export.completed');
      await Promise.all([history.start(), notify.start()]);
      await caughtUp('waybill.history');
      await caughtUp('waybill.notify');
    }
    expect(await entries()).toEqual(before);
    for (const { email } of exports) expect(await emailsTo(email)).toHaveLength(1);
    expect(told()).toBe(registered);
  });
});

/** Until the group has committed all that lies on the topic. */
async function caughtUp(group: string): Promise<void> {
  const topic = 'export.completed';
  const ends = await history.raw.ends(topic);
  for (const [partition, end] of ends) {
    if (end === 0n) continue;
    await waitFor(async () => ((await history.raw.committed(group, topic, partition)) ?? 0n) >= end, {
      limitMs,
      what: `${group} to reach the end of partition ${partition}`,
    });
  }
}
