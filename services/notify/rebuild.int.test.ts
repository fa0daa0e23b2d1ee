import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { rebuildNotifications } from './rebuild.ts';
import { cancelled, failed, sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from './testing/harness.ts';
import { emailsTo } from './testing/mailbox.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

it('rebuildNotifications stores the same notifications again and sends no email', async () => {
  const user = freshJob().user;
  const addresses: string[] = [];
  for (const make of [succeeded, failed, cancelled, succeeded, failed]) {
    const { jobId, email } = freshJob();
    addresses.push(email);
    const personal = await sealedFor('company-1', user, { email });
    const spec = exportSpec({ user_id: user, personal });
    await harness.publish(make({ job_id: jobId, spec, completed_at: Date.now() }));
  }
  for (const email of addresses) {
    await waitFor(async () => (await emailsTo(email)).length === 1, { limitMs: 20_000, what: 'the email' });
  }
  await harness.request(
    '/iag/v1/notifications/read',
    { userId: user, companyId: 'company-1' },
    { method: 'POST' },
  );
  const read = await harness.collections.notifications.find().sort({ _id: 1 }).toArray();
  const rebuild = () => rebuildNotifications(loadConfig(harness.environment), harness.context());

  expect(await rebuild()).toEqual({ events: 5, skipped: 0, dead_letters: 0 });
  expect(await harness.collections.notifications.find().sort({ _id: 1 }).toArray()).toEqual(read);

  await harness.collections.notifications.drop();
  await rebuild();
  const again = await harness.collections.notifications.find().sort({ _id: 1 }).toArray();
  const ignored = { read_at: null, publication: 'off', stored_at: new Date(0) };
  expect(again.map((each) => ({ ...each, ...ignored }))).toEqual(
    read.map((each) => ({ ...each, ...ignored })),
  );
  for (const email of addresses) expect(await emailsTo(email)).toHaveLength(1);
});
