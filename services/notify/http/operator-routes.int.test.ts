import { startServer, waitFor } from '@waybill/testbed';
import { jobId as asJobId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryId } from '../delivery/delivery.ts';
import { sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from '../testing/harness.ts';
import { emailsTo, refuse } from '../testing/mailbox.ts';
import { startHangUpServer } from '../testing/hang-up-server.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

const admin = { userId: 'admin', companyId: 'company-1', permissions: ['contacts.export.admin'] as const };
const eraser = { ...admin, permissions: ['contacts.export.erase'] as const };
const clerk = { userId: 'clerk', companyId: 'company-1', permissions: ['contacts.export'] as const };
const limitMs = 20_000;

async function eventFor(user = freshJob().user) {
  const { jobId, email } = freshJob();
  const personal = await sealedFor('company-1', user, { email });
  const spec = exportSpec({ user_id: user, personal, requested_at: Date.now() });
  const event = succeeded({ job_id: jobId, spec, completed_at: Date.now() });
  return { event, email, user, jobId, id: deliveryId(asJobId(jobId), email, 'export_succeeded') };
}

const post = (path: string, claims: typeof admin | typeof clerk | typeof eraser, body?: object) =>
  harness.request(
    `/iag/v1/notifications${path}`,
    { ...claims, permissions: [...claims.permissions] },
    {
      method: 'POST',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    },
  );

describe('stuck or failed delivery', () => {
  it('is listed for an administrator of its company and can be resent once', async () => {
    const hangUp = await startHangUpServer();
    await harness.start({ SMTP_URL: hangUp.url });
    const { event, email, jobId, id } = await eventFor();
    await harness.publish(event);
    await waitFor(() => harness.collections.deliveries.findOne({ _id: id, state: 'stuck' }), {
      limitMs,
      what: 'stuck',
    });
    await harness.stop();
    await hangUp[Symbol.asyncDispose]();
    await harness.start();

    const path = '/iag/v1/notifications/deliveries?state=stuck';
    const claims = { ...admin, permissions: [...admin.permissions] };
    expect(await (await harness.request(path, claims)).json()).toMatchObject({
      data: [{ id, job_id: jobId, state: 'stuck', tries: 1 }],
    });
    const foreign = await harness.request(path, { ...claims, companyId: 'company-2' });
    expect(await foreign.json()).toEqual({ data: [], pagination: { limit: 20, next_cursor: null } });
    expect((await post(`/deliveries/${id}/resend`, clerk)).status).toBe(403);

    const resent = await post(`/deliveries/${id}/resend`, admin);
    expect(await resent.json()).toMatchObject({ state: 'sent', tries: 2 });
    expect((await post(`/deliveries/${id}/resend`, admin)).status).toBe(404);
    expect(await emailsTo(email)).toHaveLength(1);
    await harness.stop();
  });

  it('is retried after a resend that fails, until the mail server accepts the email', async () => {
    await using mail = await startServer('mail');
    const { addresses } = mail;
    await harness.start({ SMTP_URL: addresses.smtp.url, SMTP_CONNECT_TIMEOUT_MS: '500' });
    await refuse(addresses.inbox.url, { Recipient: { ErrorCode: 550, Probability: 100 } });
    const { event, email, id } = await eventFor();
    await harness.publish(event);
    await waitFor(() => harness.collections.deliveries.findOne({ _id: id, state: 'failed' }), {
      limitMs,
      what: 'the delivery to fail',
    });
    const claims = { ...admin, permissions: [...admin.permissions] };
    const failed = await harness.request('/iag/v1/notifications/deliveries?state=failed', claims);
    expect(await failed.json()).toMatchObject({
      data: [
        {
          id,
          state: 'failed',
          failure: {
            code: 'MAIL_REFUSED',
            message: expect.stringMatching(/^Trying again would not help: .*550/) as unknown,
          },
        },
      ],
    });

    await mail.stop('hard');
    const resent = await post(`/deliveries/${id}/resend`, admin);
    expect(await resent.json()).toMatchObject({
      state: 'scheduled',
      failure: null,
      next_attempt_at: expect.any(String) as unknown,
    });
    // It is scheduled already, so that a second operator changes nothing.
    expect((await post(`/deliveries/${id}/resend`, admin)).status).toBe(404);
    expect(harness.log.some((line) => line.includes(id) && line.includes('retry planned'))).toBe(true);
    await mail.start();
    await waitFor(() => harness.collections.deliveries.findOne({ _id: id, state: 'sent' }), {
      limitMs,
      what: 'the delivery to be sent',
    });
    expect(await emailsTo(email, addresses.inbox.url)).toHaveLength(1);
    await harness.stop();
  });
});

describe('POST /iag/v1/notifications/erasures', () => {
  it('removes all data of a person, reports it, and is not undone by a replay', async () => {
    await harness.start();
    const { user } = freshJob();
    const [first, second, other] = [await eventFor(user), await eventFor(user), await eventFor()];
    for (const { event, id } of [first, second, other]) {
      await harness.publish(event);
      await waitFor(() => harness.collections.deliveries.findOne({ _id: id, state: 'sent' }), {
        limitMs,
        what: 'sent',
      });
    }
    // As a mail server that repeats the recipient in its answer.
    const answered = { answer: `250 2.1.5 <${first.email}> accepted` };
    await harness.collections.deliveries.updateOne({ _id: first.id }, { $set: answered });
    for (const person of [clerk, admin]) {
      expect((await post('/erasures', person, { company_id: 'company-1', user_id: user })).status).toBe(403);
    }
    const erased = await post('/erasures', eraser, { company_id: 'company-1', user_id: user });
    expect(await erased.json()).toMatchObject({
      user_id: user,
      removed: { notifications: 2 },
      remaining: { notifications: 0, deliveries: 0 },
    });
    await harness.publish(first.event);
    await harness.publish({ ...first.event, attempt: 2 });
    const later = await eventFor(user);
    await harness.publish({ ...later.event, job_id: first.jobId, attempt: 3 });
    await waitFor(async () => (await emailsTo(later.email)).length === 1, {
      limitMs,
      what: 'a later export',
    });
    expect(
      await harness.collections.notifications.countDocuments({ company_id: 'company-1', user_id: user }),
    ).toBe(1);
    expect(await emailsTo(first.email)).toHaveLength(1);
    expect(await harness.collections.notifications.countDocuments({ user_id: other.user })).toBe(1);
    const everything = JSON.stringify([
      await harness.collections.deliveries.find({ _id: { $in: [first.id, second.id] } }).toArray(),
      await harness.collections.erasures.find().toArray(),
    ]);
    expect(everything).not.toContain(user);
    expect(everything).not.toContain(first.email);
    await harness.stop();
  });

  it('removes the unsent emails and the notifications of a company', async () => {
    const hangUp = await startHangUpServer();
    await harness.start({ SMTP_URL: hangUp.url });
    const { event, id } = await eventFor();
    await harness.publish(event);
    await waitFor(() => harness.collections.deliveries.findOne({ _id: id, state: 'stuck' }), {
      limitMs,
      what: 'stuck',
    });
    const named = await harness.collections.deliveries.countDocuments({ company_id: 'company-1' });
    const erased = await post('/erasures', eraser, { company_id: 'company-1' });
    expect(await erased.json()).toMatchObject({
      user_id: null,
      removed: { deliveries: named },
      remaining: { notifications: 0, deliveries: 0 },
    });
    expect(await harness.collections.notifications.countDocuments({ company_id: 'company-1' })).toBe(0);
    expect(await harness.collections.deliveries.findOne({ _id: id })).toMatchObject({
      state: 'withdrawn',
      event: null,
    });
    expect(await harness.collections.deliveries.countDocuments({ company_id: 'company-1' })).toBe(0);
    expect((await post(`/deliveries/${id}/resend`, admin)).status).toBe(404);
    await harness.stop();
    await hangUp[Symbol.asyncDispose]();
  });
});
