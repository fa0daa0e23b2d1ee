import { createOpener, openPersonal } from '@waybill/crypto';
import { eventId } from '@waybill/kafka';
import { waitFor } from '@waybill/testbed';
import { userId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../testing/events.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';

let intake: RunningIntake;
beforeAll(async () => {
  intake = await startTestIntake({ contacts: 30, environment: { RATE_LIMIT_POINTS: '100' } });
});
afterAll(() => intake[Symbol.asyncDispose]());

const as = (userId: string) => ({ as: { userId } });

describe('an accepted export', () => {
  it('is answered with its id, queued, and the address that the file goes to', async () => {
    const { status, body } = await intake.exportWith({}, { as: { userId: 'a1', email: 'ani@example.com' } });
    expect(status).toBe(200);
    expect(body).toEqual({ job_id: body['job_id'], status: 'queued', email: 'ani@example.com' });
    const found = await intake.call('GET', `/export/status/${String(body['job_id'])}`);
    expect(found.body).toMatchObject({ job_type: 'export', status: 'queued', total_records: 30, attempt: 1 });
  });

  it('is published at once as export.requested, keyed by the job, with what was asked', async () => {
    await using requested = collect(intake.kafka, 'export.requested');
    const { body } = await intake.exportWith(
      {
        format: 'csv',
        csv: { delimiter: ';' },
        timezone: 'UTC',
        start_date: '2020-01-01',
        end_date: '2030-12-31',
        source: ['line', 'whatsapp', 'email', 'import', 'api', 'manual', 'live_chat'],
        locale: 'id',
      },
      as('a2'),
    );
    const jobId = String(body['job_id']);
    const message = await waitFor(() => requested.messages.find((one) => one.key === jobId), {
      limitMs: 20_000,
      what: 'the event of the job',
    });
    expect(message).toMatchObject({
      id: eventId(jobId, 'export.requested', 1),
      companyId: intake.companyId,
      attempt: 1,
      event: {
        job_id: jobId,
        cap: 10_000,
        ids: [],
        created_from: Date.parse('2020-01-01T00:00:00Z'),
        created_before: Date.parse('2031-01-01T00:00:00Z'),
        spec: {
          organization_id: `org-${intake.companyId}`,
          user_id: 'a2',
          region: 'id',
          locale: 'id',
          lane: 'standard',
          selection_mode: 'all',
          layout_id: 'default',
          layout_name: 'Default view',
          fields: ['first_name', 'email'],
          format: 'csv',
          csv: { delimiter: ';', bom: false },
          timezone: 'UTC',
        },
      },
    });
  });

  it('leaves nothing in its outbox once it is published', async () => {
    const { body } = await intake.exportWith({}, as('a3'));
    await waitFor(
      async () => {
        const job = await jobs().findOne({ _id: String(body['job_id']) });
        return job?.outbox_pending === false && job.outbox.length === 0;
      },
      { limitMs: 10_000, what: 'the outbox to be empty' },
    );
  });

  it('keeps the address and the search terms sealed, at rest and on the topic', async () => {
    await using requested = collect(intake.kafka, 'export.requested');
    // Everyone's email has an @, so the search matches while its words stay recognisable.
    const criterion = { search: 'example', filters: [] };
    const { status } = await intake.exportWith(
      { selection_mode: 'filtered', criterion },
      { as: { userId: 'a4', email: 'secret@example.com' } },
    );
    expect(status).toBe(200);
    const stored = JSON.stringify(await jobs().find({ user_id: 'a4' }).toArray());
    expect(stored).not.toMatch(/secret@example\.com|"search"/);
    const message = await waitFor(() => requested.messages.find((one) => one.event.spec.user_id === 'a4'), {
      limitMs: 20_000,
      what: 'the event',
    });
    const personal = await openPersonal(createOpener(intake.keyEncryption), message.event.spec.personal, {
      companyId: intake.companyId,
      userId: userId('a4'),
    });
    expect(personal).toEqual({ email: 'secret@example.com', criterion });
  });

  it('has one key a person: the next export of the same person is sealed with the same', async () => {
    await intake.exportWith({}, as('a5'));
    await intake.exportWith({ format: 'csv' }, as('a5'));
    await intake.exportWith({}, as('a6'));
    const keys = await intake.db
      .collection<{ _id: string }>('personal_keys')
      .countDocuments({ _id: { $in: people('a5', 'a6') } });
    expect(keys).toBe(2);
  });

  it('says how many ids were repeated, and keeps the order of the others', async () => {
    await using requested = collect(intake.kafka, 'export.requested');
    const { body } = await intake.exportWith(
      { selection_mode: 'ids', ids: ['b', 'a', 'b', 'c', 'a'] },
      as('a7'),
    );
    expect(body['warnings']).toEqual([
      { code: 'DUPLICATE_IDS', message: '2 repeated ids were removed; each contact is exported once.' },
    ]);
    const message = await waitFor(() => requested.messages.find((one) => one.key === body['job_id']), {
      limitMs: 20_000,
      what: 'the event',
    });
    expect(message.event.ids).toEqual(['b', 'a', 'c']);
  });
});

describe('a request that was made before', () => {
  it('returns the job of its Idempotency-Key, also when that has ended', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const first = await intake.exportWith({}, { ...as('b1'), headers });
    await jobs().updateOne(
      { _id: String(first.body['job_id']) },
      { $set: { status: 'failed' }, $unset: { active_key: '' } },
    );
    const second = await intake.exportWith({}, { ...as('b1'), headers });
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is refused when its key came with another body, and taken when the key is another user’s', async () => {
    const headers = { 'idempotency-key': 'k-2' };
    const first = await intake.exportWith({}, { ...as('b2'), headers });
    const other = await intake.exportWith({ format: 'csv' }, { ...as('b2'), headers });
    expect([other.status, other.body['code']]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
    const stranger = await intake.exportWith({ format: 'csv' }, { ...as('b3'), headers });
    expect(stranger.status).toBe(200);
    expect(stranger.body['job_id']).not.toBe(first.body['job_id']);
  });

  it('starts anew when its key is a day old', async () => {
    const headers = { 'idempotency-key': 'k-3' };
    const first = await intake.exportWith({}, { ...as('b4'), headers });
    await jobs().updateOne(
      { _id: String(first.body['job_id']) },
      { $set: { keyed_at: Date.now() - 86_400_000 }, $unset: { active_key: '' } },
    );
    const second = await intake.exportWith({}, { ...as('b4'), headers });
    expect(second.status).toBe(200);
    expect(second.body['job_id']).not.toBe(first.body['job_id']);
  });

  it('returns the running job of the same request, and another one for another request', async () => {
    const first = await intake.exportWith({}, as('b5'));
    const same = await intake.exportWith({ timezone: 'Asia/Jakarta', source: [] }, as('b5'));
    const other = await intake.exportWith({ format: 'csv' }, as('b5'));
    expect(same.body['job_id']).toBe(first.body['job_id']);
    expect(other.body['job_id']).not.toBe(first.body['job_id']);
  });

  it('lets a key that came with a running request stand for that job from then on', async () => {
    const first = await intake.exportWith({}, as('b6'));
    const headers = { 'idempotency-key': 'k-4' };
    await intake.exportWith({}, { ...as('b6'), headers });
    await jobs().updateOne({ _id: String(first.body['job_id']) }, { $unset: { active_key: '' } });
    const again = await intake.exportWith({}, { ...as('b6'), headers });
    expect(again.body['job_id']).toBe(first.body['job_id']);
  });

  it('makes one job however many come at once, and takes one point', async () => {
    const before = await remaining('c0');
    const answers = await Promise.all(Array.from({ length: 12 }, () => intake.exportWith({}, as('c1'))));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.body['job_id'])).size).toBe(1);
    expect(await jobs().countDocuments({ user_id: 'c1' })).toBe(1);
    // One for the job, one for the question.
    expect(before - (await remaining('c2'))).toBe(2);
  });

  it('makes one job for a key that comes many times at once with different users apart', async () => {
    const headers = { 'idempotency-key': 'k-5' };
    const answers = await Promise.all(
      ['d1', 'd2', 'd1', 'd2', 'd1'].map((user) => intake.exportWith({}, { ...as(user), headers })),
    );
    expect(new Set(answers.map((answer) => answer.body['job_id'])).size).toBe(2);
  });
});

function jobs() {
  return intake.db.collection<{ _id: string; outbox: unknown[]; outbox_pending: boolean; user_id: string }>(
    'jobs',
  );
}

function people(...users: readonly string[]): string[] {
  return users.map((user) => `${intake.companyId} ${user}`);
}

/** What is left of the company's window after one more export. */
async function remaining(user: string): Promise<number> {
  const { headers } = await intake.exportWith({}, as(user));
  return Number(headers.get('ratelimit-remaining'));
}
