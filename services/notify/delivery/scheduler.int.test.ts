import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { companyId as asCompanyId, jobId as asJobId, userId as asUserId } from '@waybill/domain';
import { createTombstones } from '@waybill/erasure';
import { exportSpec, sealedFor, succeeded } from '@waybill/fixtures';
import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { startNotify } from '../service.ts';
import { startHangUpServer } from '../testing/hang-up-server.ts';
import { freshJob, Harness } from '../testing/harness.ts';
import { emailsTo, refuse } from '../testing/mailbox.ts';
import { deliveryId, type DeliveryState } from './delivery.ts';

let mail: DedicatedServer<'mail'>;
let harness: Harness;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  mail = await startServer('mail');
  harness = await Harness.open({
    SMTP_URL: mail.addresses.smtp.url,
    SMTP_CONNECT_TIMEOUT_MS: '500',
    SMTP_SOCKET_TIMEOUT_MS: '1000',
  });
});
afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  await harness.stop();
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await mail.discard();
});

const limitMs = 30_000;
const inbox = () => mail.addresses.inbox.url;

/** Publishes the end of an export whose file expires after that time. */
async function publishOne(expiresInMs = 172_800_000, company = 'company-1') {
  const { jobId, email, user } = freshJob();
  const personal = await sealedFor(company, user, { email });
  const event = succeeded({
    job_id: jobId,
    company_id: company,
    spec: exportSpec({ user_id: user, personal }),
    completed_at: Date.now(),
  });
  const file = event.file === null ? null : { ...event.file, expires_at: Date.now() + expiresInMs };
  await harness.publish({ ...event, file });
  return { jobId, email, user, id: deliveryId(asJobId(jobId), email, 'export_succeeded') };
}

const publish = (count: number) => Promise.all(Array.from({ length: count }, () => publishOne()));

function deliveryIn(id: string, state: DeliveryState) {
  return waitFor(() => harness.collections.deliveries.findOne({ _id: id, state }), {
    limitMs,
    what: `the delivery to be ${state}`,
  });
}

type Published = Awaited<ReturnType<typeof publishOne>>;

/** Waits until so many tries have found no mail server, and every delivery is scheduled. */
async function triedInVain(published: readonly Published[], tries: number): Promise<void> {
  const filter = { _id: { $in: published.map(({ id }) => id) }, state: 'scheduled' } as const;
  await waitFor(
    async () => {
      const found = await harness.collections.deliveries.find(filter).toArray();
      const sum = found.reduce((total, delivery) => total + delivery.tries, 0);
      return found.length === published.length && sum >= tries;
    },
    { limitMs, what: `${tries} tries` },
  );
}

async function eachEmailOnce(published: readonly Published[]): Promise<void> {
  for (const { id, email } of published) {
    await deliveryIn(id, 'sent');
    expect(await emailsTo(email, inbox())).toHaveLength(1);
  }
}

describe('scheduler without a mail server', () => {
  it('sends each email once as soon as a stopped mail server is back', async () => {
    await mail.stop('hard');
    await harness.start();
    const published = await publish(8);
    await triedInVain(published, 12);
    const scheduled = await harness.metrics();
    expect(scheduled).toContain('waybill_scheduled_deliveries{service="notify"} 8');
    await mail.start();
    await eachEmailOnce(published);
  });

  it('sends each email once as soon as a hanging mail server answers again', async () => {
    await harness.start();
    await eachEmailOnce(await publish(2));
    await mail.signal('SIGSTOP');
    const published = await publish(6);
    try {
      await triedInVain(published, 8);
    } finally {
      await mail.signal('SIGCONT');
    }
    await eachEmailOnce(published);
  });

  it('ends and reports an email that is not sent until its file expires', async () => {
    await mail.stop('hard');
    await harness.start();
    const { id, email } = await publishOne(2_000);
    expect(await deliveryIn(id, 'failed')).toMatchObject({ cause: 'EXPORT_EXPIRED', event: null });
    expect(await harness.metrics()).toContain('code="EXPORT_EXPIRED"');
    const lines = harness.log.filter((line) => line.includes('delivery failed'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ level: 'error', delivery_id: id, code: 'EXPORT_EXPIRED' }),
    );
    await mail.start();
    const later = await publishOne();
    await deliveryIn(later.id, 'sent');
    expect(await emailsTo(email, inbox())).toHaveLength(0);
  });
});

describe('scheduler for people who are not notified any more', () => {
  it('withdraws the email to an erased person and the alert to a former administrator', async () => {
    const company = `company-${randomUUID()}`;
    const administrator = freshJob();
    const { crm, collections } = harness;
    await crm.tenant(company, { alert_threshold: 1 });
    const member = { companyId: company, userId: administrator.user, email: administrator.email };
    await crm.membership({ ...member, permissions: ['contacts.export.admin'] });
    await mail.stop('hard');
    await harness.start();
    const erased = await publishOne();
    const alerted = await publishOne(undefined, company);
    const alertId = deliveryId(asJobId(alerted.jobId), administrator.email, 'export_threshold');
    await deliveryIn(alertId, 'scheduled');
    await triedInVain([erased, alerted], 1);
    await createTombstones(collections.erasures).add(
      { companyId: asCompanyId('company-1'), userId: asUserId(erased.user) },
      new Date(),
    );
    await crm.membership({ ...member, permissions: ['contacts.export'] });
    await mail.start();
    await eachEmailOnce([alerted]);
    for (const id of [erased.id, alertId]) {
      expect(await deliveryIn(id, 'withdrawn')).toMatchObject({ event: null, next_attempt_at: null });
    }
    expect(await emailsTo(erased.email, inbox())).toHaveLength(0);
    expect(await emailsTo(administrator.email, inbox())).toHaveLength(0);
  });
});

describe('scheduler in several processes', () => {
  it('sends each delivery once, also those that were refused at first', async () => {
    await refuse(inbox(), { Recipient: { ErrorCode: 451, Probability: 50 } });
    await harness.start();
    const second = await startNotify(loadConfig(harness.environment), harness.context());
    try {
      const published = await publish(30);
      const tried = { _id: { $in: published.map(({ id }) => id) }, tries: { $gte: 1 } };
      await waitFor(async () => (await harness.collections.deliveries.countDocuments(tried)) === 30, {
        limitMs,
        what: 'a try of each',
      });
      await refuse(inbox(), {});
      await eachEmailOnce(published);
    } finally {
      await second.stop();
    }
  });

  it('sends the emails of a killed process, except those that it had handed over, which are stuck', async () => {
    await using silent = await startHangUpServer({ instead: 'silence', at: ['recipient', 'message'] });
    const child = startProcess({ SMTP_URL: silent.url, SMTP_SOCKET_TIMEOUT_MS: '60000' });
    const published = await publish(2);
    await waitFor(() => silent.messages === 2, { limitMs, what: 'both emails to be under way' });
    const exited = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await exited;
    const ids = { _id: { $in: published.map(({ id }) => id) } };
    const left = await harness.collections.deliveries.find(ids).sort({ state: 1 }).toArray();
    expect(left).toMatchObject([
      { state: 'scheduled', tries: 1 },
      { state: 'sending', tries: 1 },
    ]);
    // The group waits for the session of the killed member; the scheduler does not.
    await harness.start({ STUCK_AFTER_MS: '1000' }, { awaitReady: false });
    const [scheduled, sending] = left;
    await deliveryIn(scheduled?._id ?? '', 'sent');
    await deliveryIn(sending?._id ?? '', 'stuck');
    const counts = [];
    for (const { id, email } of published) {
      counts.push([id === scheduled?._id, (await emailsTo(email, inbox())).length]);
    }
    expect(counts.sort()).toEqual([
      [false, 0],
      [true, 1],
    ]);
  });
});

/** Starts notify as a process of its own. */
function startProcess(settings: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../main.ts')], {
    env: { PATH: process.env['PATH'], ...harness.environment, ...settings, LOG_LEVEL: 'silent' },
    stdio: 'ignore',
  });
  processes.push(child);
  return child;
}
