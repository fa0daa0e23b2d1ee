import { waitFor } from '@waybill/testbed';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MoodyServer } from '@waybill/testbed';
import { sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from '../testing/harness.ts';
import { emailsTo } from '../testing/mailbox.ts';

let server: MoodyServer;
let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
});
beforeEach(async () => {
  server = await MoodyServer.start();
  await harness.start({ NOTIFICATION_PUBLISHER_URL: server.url, NOTIFICATION_PUBLISHER_TOKEN: 'secret' });
});
afterEach(async () => {
  await harness.stop();
  await server[Symbol.asyncDispose]();
});
afterAll(() => harness[Symbol.asyncDispose]());

async function publishOne() {
  const { jobId, email, user } = freshJob();
  const personal = await sealedFor('company-1', user, { email });
  const spec = exportSpec({ user_id: user, personal, locale: 'id' });
  await harness.publish(succeeded({ job_id: jobId, spec, completed_at: Date.now() }));
  return { jobId, email, user };
}

const publicationOf = async (jobId: string) =>
  (await harness.collections.notifications.findOne({ job_id: jobId }))?.publication;

const limitMs = 20_000;
const receivedBody = z.object({ job_id: z.string() });

describe('publisher of notifications to the other system', () => {
  it("publishes each notification once, in the job's language, with an external link [S04]", async () => {
    const { jobId, user } = await publishOne();
    await waitFor(async () => (await publicationOf(jobId)) === 'done', { limitMs, what: 'the publication' });
    expect(server.received).toMatchObject([
      {
        path: '/notif/v1/notifications',
        headers: { authorization: 'Bearer secret' },
        body: {
          origin: 'external_url',
          company_id: 'company-1',
          user_id: user,
          job_id: jobId,
          title: 'Ekspor kontak Anda siap',
          url: `https://crm.example/iag/v1/contacts/export/history/${jobId}/download`,
        },
      },
    ]);
  });

  it('publishes a notification after a failure of the other system, without delaying the email', async () => {
    server.mood = { kind: 'answer', status: 500 };
    const { jobId, email } = await publishOne();
    await waitFor(async () => (await emailsTo(email)).length === 1, { limitMs, what: 'the email' });
    expect(await publicationOf(jobId)).toBe('pending');
    server.mood = { kind: 'answer', status: 202 };
    await harness.stop();
    // The circuit breaker of a process that has just started is closed.
    await harness.start({ NOTIFICATION_PUBLISHER_URL: server.url });
    await waitFor(async () => (await publicationOf(jobId)) === 'done', { limitMs, what: 'the publication' });
    expect(await emailsTo(email)).toHaveLength(1);
  });

  it('does not delay the email while the other system hangs [R8]', async () => {
    server.mood = { kind: 'hang' };
    const { jobId, email } = await publishOne();
    await waitFor(async () => (await emailsTo(email)).length === 1, { limitMs, what: 'the email' });
    expect(await publicationOf(jobId)).toBe('pending');
  });

  it('does not publish a refused notification again', async () => {
    server.mood = { kind: 'answer', status: 422 };
    const { jobId } = await publishOne();
    await waitFor(async () => (await publicationOf(jobId)) === 'refused', { limitMs, what: 'the refusal' });
    const other = await publishOne();
    await waitFor(async () => (await publicationOf(other.jobId)) === 'refused', {
      limitMs,
      what: 'the next',
    });
    const asked = server.received.map(({ body }) => receivedBody.parse(body).job_id);
    expect(asked.filter((id) => id === jobId)).toHaveLength(1);
    expect(asked.filter((id) => id === other.jobId)).toHaveLength(1);
  });
});
