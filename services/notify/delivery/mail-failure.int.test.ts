import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { jobId as asJobId } from '@waybill/domain';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliveryId, type DeliveryState } from './delivery.ts';
import { sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from '../testing/harness.ts';
import { emailsTo, refuse } from '../testing/mailbox.ts';
import { startHangUpServer } from '../testing/hang-up-server.ts';

let mail: DedicatedServer<'mail'>;
let harness: Harness;

beforeAll(async () => {
  mail = await startServer('mail');
  harness = await Harness.open({ SMTP_URL: mail.addresses.smtp.url, SMTP_CONNECT_TIMEOUT_MS: '500' });
});
afterEach(() => harness.stop());
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await mail.discard();
});

const inbox = () => mail.addresses.inbox.url;

async function publishOne(jobId = freshJob().jobId) {
  const { email, user } = freshJob();
  const personal = await sealedFor('company-1', user, { email });
  const job = exportSpec({ user_id: user, personal });
  await harness.publish(succeeded({ job_id: jobId, spec: job, completed_at: Date.now() }));
  return { jobId, email, id: deliveryId(asJobId(jobId), email, 'export_succeeded') };
}

function deliveryIn(id: string, state: DeliveryState) {
  return waitFor(() => harness.collections.deliveries.findOne({ _id: id, state }), {
    limitMs: 20_000,
    what: `the delivery to be ${state}`,
  });
}

describe('email that the mail server refuses', () => {
  it('is retried after a 4xx answer until it is accepted', async () => {
    await refuse(inbox(), { Recipient: { ErrorCode: 451, Probability: 100 } });
    await harness.start();
    const { id, email } = await publishOne();
    const waiting = await waitFor(() => harness.collections.deliveries.findOne({ _id: id, answer: /451/ }), {
      limitMs: 20_000,
      what: 'the refusal',
    });
    expect(waiting.next_attempt_at).toBeInstanceOf(Date);
    await refuse(inbox(), {});
    await deliveryIn(id, 'sent');
    expect(await emailsTo(email, inbox())).toHaveLength(1);
  });

  it('does not delay the emails of others', async () => {
    await refuse(inbox(), { Recipient: { ErrorCode: 451, Probability: 100 } });
    await harness.start({ EMAIL_RETRY_FROM_MS: '60000', EMAIL_RETRY_TO_MS: '60000' });
    const refused = await publishOne();
    await waitFor(() => harness.collections.deliveries.findOne({ _id: refused.id, answer: /451/ }), {
      limitMs: 20_000,
      what: 'the refusal',
    });
    await refuse(inbox(), {});
    const { id } = await publishOne();
    await deliveryIn(id, 'sent');
    expect(await emailsTo(refused.email, inbox())).toHaveLength(0);
  });

  it('fails after a 5xx answer, without a retry, and is reported without its address', async () => {
    await refuse(inbox(), { Recipient: { ErrorCode: 550, Probability: 100 } });
    await harness.start();
    const { id, email } = await publishOne();
    const failed = await deliveryIn(id, 'failed');
    await refuse(inbox(), {});
    expect(failed).toMatchObject({ cause: 'MAIL_REFUSED', tries: 1, next_attempt_at: null });
    expect(JSON.stringify(failed)).not.toContain(email);
    const line = await waitFor(() => harness.log.find((text) => text.includes('delivery failed')), {
      limitMs: 5_000,
      what: 'the log line',
    });
    expect(JSON.parse(line)).toMatchObject({ level: 'error', delivery_id: id, code: 'MAIL_REFUSED' });
    expect(await harness.metrics()).toMatch(
      /waybill_failed_deliveries_total\{template="export_succeeded",code="MAIL_REFUSED",service="notify"\} 1/,
    );
  });
});

describe('email whose connection breaks after the message', () => {
  it('becomes a stuck delivery and is not sent again by a replay, since it may have been accepted', async () => {
    await using hangUp = await startHangUpServer();
    await harness.start({ SMTP_URL: hangUp.url });
    const { id, jobId } = await publishOne();
    await deliveryIn(id, 'stuck');
    await publishOne(jobId);
    const event = await harness.collections.deliveries.findOne({ _id: id });
    if (event?.event === null || event?.event === undefined) throw new Error('the event was not kept');
    await harness.publish(event.event);
    await waitFor(() => hangUp.messages >= 2, { limitMs: 20_000, what: "the other person's email" });
    await waitFor(
      async () => (await harness.collections.deliveries.countDocuments({ state: 'sending' })) === 0,
      {
        limitMs: 20_000,
        what: 'all sends to end',
      },
    );
    expect(await harness.collections.deliveries.findOne({ _id: id })).toMatchObject({
      state: 'stuck',
      tries: 1,
    });
    expect(hangUp.messages).toBe(2);
  });
});
