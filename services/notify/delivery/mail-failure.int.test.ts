import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { jobId as asJobId } from '@waybill/domain';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliveryId, type DeliveryState } from './delivery.ts';
import { cancelled, sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
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

describe('mail server that is down', () => {
  it('receives each email exactly once when it is back', async () => {
    await mail.stop('hard');
    await harness.start();
    const published = await Promise.all([publishOne(), publishOne(), publishOne()]);
    for (const { id } of published) await deliveryIn(id, 'retryable');
    await mail.start();
    for (const { id, email } of published) {
      await deliveryIn(id, 'sent');
      expect(await emailsTo(email, inbox())).toHaveLength(1);
    }
  });

  it('does not block the partition: emails wait in the retry topics', async () => {
    await mail.stop('hard');
    await harness.start();
    const { id, jobId } = await publishOne();
    await waitFor(
      async () => ((await harness.collections.deliveries.findOne({ _id: id }))?.tries ?? 0) >= 4,
      {
        limitMs: 20_000,
        what: 'four tries',
      },
    );
    // The same job, so the same partition.
    const late = await sealedFor('company-1', 'late', { email: 'late@example.com' });
    const job = exportSpec({ user_id: 'late', personal: late });
    await harness.publish(cancelled({ job_id: jobId, attempt: 2, spec: job, completed_at: Date.now() }));
    await waitFor(() => harness.collections.notifications.findOne({ job_id: jobId, attempt: 2 }), {
      limitMs: 20_000,
      what: 'the notification of the later event',
    });
    await mail.start();
    await deliveryIn(id, 'sent');
  });
});

describe('email that the mail server refuses', () => {
  it('is retried after a 4xx answer until it is accepted', async () => {
    await refuse(inbox(), { Recipient: { ErrorCode: 451, Probability: 100 } });
    await harness.start();
    const { id, email } = await publishOne();
    const waiting = await deliveryIn(id, 'retryable');
    expect(waiting.answer).toContain('451');
    await refuse(inbox(), {});
    await deliveryIn(id, 'sent');
    expect(await emailsTo(email, inbox())).toHaveLength(1);
  });

  it('is dead-lettered after a 5xx answer, without its address and without a retry', async () => {
    await refuse(inbox(), { Recipient: { ErrorCode: 550, Probability: 100 } });
    await harness.start();
    const { id, jobId, email } = await publishOne();
    const letter = await waitFor(
      async () => (await harness.raw.read('notify.dlq')).find(({ key }) => key === jobId),
      { limitMs: 20_000, everyMs: 300, what: 'the dead letter' },
    );
    await refuse(inbox(), {});
    expect(letter.headers).toMatchObject({ 'waybill-cause-code': 'MAIL_REFUSED', 'waybill-tries': '1' });
    expect(JSON.stringify(letter.headers)).not.toContain(email);
    expect((await deliveryIn(id, 'retryable')).tries).toBe(1);
  });

  it('is sent once if its dead letter is redriven after the mail server was fixed', async () => {
    await refuse(inbox(), { Recipient: { ErrorCode: 550, Probability: 100 } });
    await harness.start();
    const { id, jobId, email } = await publishOne();
    const letter = await waitFor(
      async () => (await harness.kafka.deadLetters('notify')).find((each) => each.jobId === jobId),
      { limitMs: 20_000, everyMs: 300, what: 'the dead letter' },
    );
    await refuse(inbox(), {});
    await harness.kafka.redrive(letter);
    await deliveryIn(id, 'sent');
    // Two operators may redrive the same dead letter.
    await harness.kafka.redrive(letter);
    await waitFor(
      async () => {
        const [end] = (await harness.raw.ends('notify.retry.30s')).values();
        return (await harness.raw.committed('waybill.notify', 'notify.retry.30s', 0)) === end;
      },
      { limitMs: 20_000, what: 'the retry topic to be read to its end' },
    );
    expect(await emailsTo(email, inbox())).toHaveLength(1);
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

describe('delivery whose sender crashed before the send', () => {
  it('becomes stuck and is not sent automatically', async () => {
    const { jobId, email, user } = freshJob();
    const personal = await sealedFor('company-1', user, { email });
    const event = succeeded({
      job_id: jobId,
      spec: exportSpec({ user_id: user, personal }),
      completed_at: Date.now(),
    });
    const id = deliveryId(asJobId(jobId), email, 'export_succeeded');
    // The record of a process that was killed right after the reservation.
    await harness.collections.deliveries.insertOne({
      _id: id,
      job_id: jobId,
      company_id: 'company-1',
      template: 'export_succeeded',
      state: 'sending',
      tries: 1,
      reserved_at: new Date(Date.now() - 11 * 60_000),
      sent_at: null,
      answer: null,
      event,
      keep_until: new Date(Date.now() + 86_400_000),
      outbox: [],
      outbox_pending: false,
    });
    await harness.start();
    await harness.publish(event);
    await deliveryIn(id, 'stuck');
    const { email: other } = await publishOne(jobId);
    await waitFor(async () => (await emailsTo(other, inbox())).length === 1, {
      limitMs: 20_000,
      what: 'a later email of the same partition',
    });
    expect(await emailsTo(email, inbox())).toHaveLength(0);
  });
});
