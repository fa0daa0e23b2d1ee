import { createCancelFlags, cancelKey } from '@waybill/redis';
import { eventId, type EventProducer } from '@waybill/kafka';
import { silentLogger } from '@waybill/observability';
import type { ExportCompleted, ExportProgress } from '@waybill/schemas';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { jobId } from '@waybill/domain';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../testing/events.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';
import { sampleCompleted, sampleFailed, sampleProgress } from '../testing/sample-job.ts';

let intake: RunningIntake;
let producer: EventProducer;
const redis = new Redis(sharedAddresses().redis.url);
const flags = createCancelFlags({ url: sharedAddresses().redis.url, logger: silentLogger() });

beforeAll(async () => {
  intake = await startTestIntake({ contacts: 30 });
  producer = intake.kafka.createProducer();
});
afterAll(async () => {
  redis.disconnect();
  flags.close();
  await intake[Symbol.asyncDispose]();
});

let people = 0;

/** Starts a job of a new person. */
async function start(): Promise<{ id: string; as: { userId: string } }> {
  people += 1;
  const as = { userId: `p${people}` };
  const { body } = await intake.exportWith({}, { as });
  return { id: String(body['job_id']), as };
}

async function send(
  topic: 'export.progress' | 'export.completed',
  event: ExportProgress | ExportCompleted,
): Promise<void> {
  const { job_id: key, company_id: companyId, attempt } = event;
  const id = eventId(key, topic, attempt, uniqueName('n'));
  const message = { key, id, type: topic, companyId, attempt, at: Date.now() };
  if ('outcome' in event) await producer.send('export.completed', { ...message, event });
  else await producer.send('export.progress', { ...message, event });
}

const ofJob = (id: string) => ({ job_id: id, company_id: intake.companyId });
const statusOf = async (id: string) => (await intake.call('GET', `/export/status/${id}`)).body;

function status(id: string, wanted: string) {
  return waitFor(async () => ((await statusOf(id))['status'] === wanted ? statusOf(id) : undefined), {
    limitMs: 20_000,
    what: `${id} to be ${wanted}`,
  });
}

async function fail(id: string, attempt = 1): Promise<void> {
  await send('export.completed', sampleFailed({ ...ofJob(id), attempt }));
  await status(id, 'failed');
}

function fileUntil(expiresAt: number): ExportCompleted['file'] {
  const { file } = sampleCompleted();
  return file === null ? null : { ...file, expires_at: expiresAt };
}

describe('status', () => {
  it('follows the events of the job from queued to completed with its receipt', async () => {
    const { id } = await start();
    expect(await statusOf(id)).toMatchObject({ status: 'queued', phase: null, progress: 0 });
    await send('export.progress', sampleProgress({ ...ofJob(id), written: 600, at: Date.now() }));
    expect(await status(id, 'processing')).toMatchObject({
      phase: 'rendering',
      success_count: 600,
      total_records: 1_000,
      progress: 60,
    });
    await send('export.completed', sampleCompleted({ ...ofJob(id), file: fileUntil(Date.now() + 60_000) }));
    expect(await status(id, 'completed')).toMatchObject({
      success_count: 998,
      failed_count: 2,
      progress: 100,
      receipt: { matched: 1_000, sha256: 'ab'.repeat(32) },
      file: {
        name: 'contacts.xlsx',
        bytes: 40_000,
        download_url: `https://crm.example/iag/v1/contacts/export/history/${id}/download`,
      },
    });
  });

  it('does not change with repeated events and events of an older attempt', async () => {
    const { id, as } = await start();
    await fail(id);
    await intake.call('POST', `/export/${id}/retry`, { as });
    await send('export.completed', sampleCompleted(ofJob(id)));
    const second = sampleFailed({ ...ofJob(id), attempt: 2 });
    await send('export.completed', second);
    await send('export.completed', second);
    expect(await status(id, 'failed')).toMatchObject({ attempt: 2, failure_reason: 'EXPORT_STALLED' });
  });

  it('has the numbers of a selection that grew over the cap in its failure', async () => {
    const { id } = await start();
    const failure = { code: 'EXPORT_LIMIT_EXCEEDED', detail: '', params: { total: '10250', cap: '10000' } };
    await send('export.completed', sampleFailed({ ...ofJob(id), failure }));
    expect(await status(id, 'failed')).toMatchObject({
      failure_reason: 'EXPORT_LIMIT_EXCEEDED',
      failure: {
        code: 'EXPORT_LIMIT_EXCEEDED',
        message:
          'The selection has 10,250 contacts and the limit is 10,000. Narrow the filter or split by period.',
      },
      file: null,
    });
  });

  it('is EXPORT_NOT_FOUND for an unknown job and for a job of another company', async () => {
    const { id } = await start();
    for (const [path, as] of [
      [`/export/status/${id}`, { companyId: 'other' }],
      ['/export/status/0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a99', {}],
      ['/export/status/no-uuid', {}],
    ] as const) {
      const answer = await intake.call('GET', path, { as });
      expect([answer.status, answer.body['code']]).toEqual([404, 'EXPORT_NOT_FOUND']);
    }
  });

  it('is expired after the file has expired', async () => {
    const { id } = await start();
    await send('export.completed', sampleCompleted({ ...ofJob(id), file: fileUntil(Date.now() - 1) }));
    expect(await status(id, 'expired')).toMatchObject({ progress: 100, receipt: { matched: 1_000 } });
  });

  it('allows an identical request to start a new job after the job has ended', async () => {
    const { id, as } = await start();
    await fail(id);
    const again = await intake.exportWith({}, { as });
    expect(again.body['job_id']).not.toBe(id);
  });
});

describe('list of running exports', () => {
  interface Exports {
    readonly data: readonly { readonly job_id: string; readonly status: string }[];
    readonly pagination: { readonly limit: number; readonly next_cursor: string | null };
  }
  const activeOf = async (as: object, query = '') =>
    (await intake.call('GET', `/export?state=active${query}`, { as })).body as unknown as Exports;
  const idsOf = ({ data }: Exports) => data.map((job) => job.job_id);

  it("has the caller's queued and processing jobs as their status shows them, the newest first", async () => {
    const { id: older, as } = await start();
    const newer = String((await intake.exportWith({ format: 'csv' }, { as })).body['job_id']);
    const { id: another } = await start();
    await send('export.progress', sampleProgress({ ...ofJob(older), at: Date.now() }));
    await status(older, 'processing');
    const active = await activeOf(as);
    expect(idsOf(active)).toEqual([newer, older]);
    expect(idsOf(active)).not.toContain(another);
    expect(active.data[1]).toMatchObject(await statusOf(older));
    expect(active.pagination).toEqual({ limit: 20, next_cursor: null });
    expect(idsOf(await activeOf({ ...as, companyId: 'other' }))).toEqual([]);
  });

  it('loses a job when the job has ended, and has it again when it is retried', async () => {
    const { id, as } = await start();
    await fail(id);
    expect(idsOf(await activeOf(as))).toEqual([]);
    await intake.call('POST', `/export/${id}/retry`, { as });
    expect(idsOf(await activeOf(as))).toEqual([id]);
  });

  it('is paged by cursor without losing or repeating a job', async () => {
    const { id, as } = await start();
    const others = await Promise.all(
      ['csv', 'xlsx'].map((format) => intake.exportWith({ format, timezone: 'UTC' }, { as })),
    );
    const all = [id, ...others.map(({ body }) => String(body['job_id']))];
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Exports = await activeOf(as, `&limit=1${cursor === null ? '' : `&cursor=${cursor}`}`);
      expect(page.data).toHaveLength(1);
      seen.push(...idsOf(page));
      cursor = page.pagination.next_cursor;
    } while (cursor !== null);
    expect(seen.sort()).toEqual(all.sort());
  });

  it('is rejected with VALIDATION_FAILED without a state, with another state and with a changed cursor', async () => {
    for (const query of ['', '?state=ended', '?state=active&cursor=x', '?state=active&limit=101']) {
      const answer = await intake.call('GET', `/export${query}`);
      expect([answer.status, answer.body['code']], query).toEqual([422, 'VALIDATION_FAILED']);
    }
  });
});

describe('cancellation request', () => {
  it('is accepted in any state of a running job and raises the cancel flag', async () => {
    const { id, as } = await start();
    const answer = await intake.call('POST', `/export/${id}/cancel`, { as });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: 'queued', cancel_requested: true });
    expect(await flags.isRaised(jobId(id), 1)).toBe(true);
    await send('export.progress', sampleProgress({ ...ofJob(id), at: Date.now() }));
    await status(id, 'processing');
    const again = await intake.call('POST', `/export/${id}/cancel`, { as });
    expect([again.status, again.body['status']]).toEqual([202, 'processing']);
  });

  it('raises its flag again after Redis lost it, until the job has ended', async () => {
    const { id, as } = await start();
    await intake.call('POST', `/export/${id}/cancel`, { as });
    await redis.del(cancelKey(jobId(id), 1));
    const raised = () => flags.isRaised(jobId(id), 1);
    await waitFor(raised, { limitMs: 10_000, what: 'the flag to be raised again' });
    await send('export.completed', sampleFailed({ ...ofJob(id), outcome: 'CANCELLED', failure: null }));
    await status(id, 'cancelled');
  });

  it('is rejected with EXPORT_NOT_CANCELLABLE and the status after the job has ended', async () => {
    const { id, as } = await start();
    await fail(id);
    const answer = await intake.call('POST', `/export/${id}/cancel`, { as });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'EXPORT_NOT_CANCELLABLE', status: 409, job_status: 'failed' });
    expect(answer.body['detail']).toContain('failed');
  });

  it('does not change a job that is completed already', async () => {
    const { id, as } = await start();
    await intake.call('POST', `/export/${id}/cancel`, { as });
    const file = { ...sampleCompleted().file, expires_at: Date.now() + 60_000 };
    await send('export.completed', sampleCompleted({ ...ofJob(id), file: file as ExportCompleted['file'] }));
    expect(await status(id, 'completed')).toMatchObject({ cancel_requested: true });
  });

  it('is rejected for users who are neither the requester nor an administrator', async () => {
    const { id } = await start();
    const colleague = await intake.call('POST', `/export/${id}/cancel`, { as: { userId: 'colleague' } });
    expect([colleague.status, colleague.body['code']]).toEqual([403, 'FORBIDDEN']);
    const admin = { userId: 'boss', permissions: ['contacts.export', 'contacts.export.admin'] as const };
    expect((await intake.call('POST', `/export/${id}/cancel`, { as: admin })).status).toBe(202);
    const stranger = { companyId: 'other', userId: 'boss', permissions: admin.permissions };
    expect((await intake.call('POST', `/export/${id}/cancel`, { as: stranger })).status).toBe(404);
  });
});

describe('retry', () => {
  it('starts attempt 2 of the same job with its own event, which an earlier cancel does not reach', async () => {
    await using requested = collect(intake.kafka, 'export.requested');
    const { id, as } = await start();
    await intake.call('POST', `/export/${id}/cancel`, { as });
    await fail(id);
    const answer = await intake.call('POST', `/export/${id}/retry`, { as });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ job_id: id, status: 'queued', attempt: 2, cancel_requested: false });
    expect(await flags.isRaised(jobId(id), 2)).toBe(false);
    const attempts = await waitFor(
      () => {
        const events = requested.messages.filter((message) => message.key === id);
        return events.length === 2 ? events : undefined;
      },
      { limitMs: 20_000, what: 'both events' },
    );
    expect(attempts.map((message) => [message.attempt, message.id])).toEqual([
      [1, eventId(id, 'export.requested', 1)],
      [2, eventId(id, 'export.requested', 2)],
    ]);
    const [first, second] = attempts;
    expect(second?.event).toEqual({ ...first?.event, attempt: 2 });
  });

  it('is accepted once, for failed jobs only', async () => {
    const { id, as } = await start();
    const early = await intake.call('POST', `/export/${id}/retry`, { as });
    expect([early.status, early.body['code']]).toEqual([409, 'EXPORT_NOT_RETRYABLE']);
    await fail(id);
    const answers = await Promise.all(
      [1, 2, 3].map(() => intake.call('POST', `/export/${id}/retry`, { as })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409, 409]);
  });

  it('makes an identical request return the retried job', async () => {
    const { id, as } = await start();
    await fail(id);
    await intake.call('POST', `/export/${id}/retry`, { as });
    expect((await intake.exportWith({}, { as })).body['job_id']).toBe(id);
  });

  it('is accepted while another job of the same request runs', async () => {
    const { id, as } = await start();
    await fail(id);
    const other = await intake.exportWith({}, { as });
    expect(other.body['job_id']).not.toBe(id);
    expect((await intake.call('POST', `/export/${id}/retry`, { as })).status).toBe(202);
  });
});
