import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from './testing/harness.ts';
import { startHangUpServer } from './testing/hang-up-server.ts';
import { emailsTo } from './testing/mailbox.ts';

let mongo: DedicatedServer<'mongo'>;
let harness: Harness;

beforeAll(async () => {
  mongo = await startServer('mongo', { mongoBackend: 'h2' });
  harness = await Harness.open({}, mongo.addresses);
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await mongo.discard();
});

const limitMs = 40_000;

async function publishOne() {
  const { jobId, email, user } = freshJob();
  const personal = await sealedFor('company-1', user, { email });
  const spec = exportSpec({ user_id: user, personal });
  await harness.publish(succeeded({ job_id: jobId, spec, completed_at: Date.now() }));
  return { email, user, jobId };
}

async function ready(): Promise<number> {
  return (await fetch(`${harness.operatorUrl}/readyz`)).status;
}

describe('notify without MongoDB', () => {
  it('starts, is live and not ready, and loses no email', async () => {
    await mongo.stop('soft');
    await harness.start({}, { awaitReady: false });
    expect((await fetch(`${harness.operatorUrl}/livez`)).status).toBe(200);
    expect(await ready()).toBe(503);
    const { email } = await publishOne();
    await mongo.start();
    await waitFor(async () => (await ready()) === 200, { limitMs, what: 'the service to be ready' });
    await waitFor(async () => (await emailsTo(email)).length === 1, { limitMs, what: 'the email' });
  });

  it('answers 503 and notifies once when MongoDB is back', async () => {
    await mongo.stop('soft');
    const { email, user } = await publishOne();
    const claims = { userId: user, companyId: 'company-1' };
    const response = await harness.request('/iag/v1/notifications', claims);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    await mongo.start();
    await waitFor(async () => (await emailsTo(email)).length === 1, { limitMs, what: 'the email' });
    const list: unknown = await (await harness.request('/iag/v1/notifications', claims)).json();
    expect(list).toMatchObject({ unread_count: 1 });
  });

  it('records an email that was accepted during the outage, and sends it no second time', async () => {
    await harness.stop();
    await using mail = await startHangUpServer({ instead: 'silence', at: ['message'] });
    await harness.start({ SMTP_URL: mail.url });
    const { jobId } = await publishOne();
    await waitFor(() => mail.messages === 1, { limitMs, what: 'the message' });
    await mongo.stop('soft');
    mail.accept();
    await waitFor(
      () => harness.log.some((line) => line.includes(jobId) && line.includes('server does not answer')),
      {
        limitMs,
        what: 'the first attempt to record the result',
      },
    );
    await mongo.start();
    const sent = await waitFor(
      () => harness.collections.deliveries.findOne({ job_id: jobId, state: 'sent' }),
      {
        limitMs,
        what: 'the result',
      },
    );
    expect(sent.tries).toBe(1);
    expect(mail.messages).toBe(1);
  });
});
