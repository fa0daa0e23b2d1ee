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

describe('accepted export', () => {
  it('is answered with its job id, the status queued and the address that receives the link', async () => {
    const { status, body } = await intake.exportWith({}, { as: { userId: 'a1', email: 'ani@example.com' } });
    expect(status).toBe(200);
    expect(body).toEqual({ job_id: body['job_id'], status: 'queued', email: 'ani@example.com' });
    const found = await intake.call('GET', `/export/status/${String(body['job_id'])}`);
    expect(found.body).toMatchObject({ job_type: 'export', status: 'queued', total_records: 30, attempt: 1 });
  });

  it('is published at once as export.requested with the job id as key and the spec of the request', async () => {
    await using requested = collect(intake.kafka, 'export.requested');
    const { body } = await intake.exportWith(
      {
        format: 'csv',
        csv: { profile: 'excel', bom: false },
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
          csv: { delimiter: ';', bom: false, decimal_comma: true },
          xlsx: null,
          timezone: 'UTC',
        },
      },
    });
  });

  it('takes the excluded contacts out, and is another request without them', async () => {
    await using requested = collect(intake.kafka, 'export.requested');
    const contacts = intake.crm.collection<{ _id: string }>('contacts');
    const some = await contacts.find({ company_id: intake.companyId }).limit(3).toArray();
    const excluded_ids = some.map(({ _id }) => _id);
    const first = await intake.exportWith({ excluded_ids }, as('a8'));
    const again = await intake.exportWith({ excluded_ids: excluded_ids.toReversed() }, as('a8'));
    const whole = await intake.exportWith({}, as('a8'));
    expect(again.body['job_id']).toBe(first.body['job_id']);
    expect(whole.body['job_id']).not.toBe(first.body['job_id']);
    const status = await intake.call('GET', `/export/status/${String(first.body['job_id'])}`);
    expect(status.body['total_records']).toBe(27);
    const message = await waitFor(() => requested.messages.find((one) => one.key === first.body['job_id']), {
      limitMs: 20_000,
      what: 'the event',
    });
    expect(message.event).toMatchObject({ excluded_ids: excluded_ids.sort(), spec: { excluded_count: 3 } });
  });

  it('has an empty outbox after it was published', async () => {
    const { body } = await intake.exportWith({}, as('a3'));
    await waitFor(
      async () => {
        const job = await jobs().findOne({ _id: String(body['job_id']) });
        return job?.outbox_pending === false && job.outbox.length === 0;
      },
      { limitMs: 10_000, what: 'the outbox to be empty' },
    );
  });

  it('seals the address and the search terms in the database and on the topic', async () => {
    await using requested = collect(intake.kafka, 'export.requested');
    // Every seeded address contains this text, so the search matches and can be found in the database.
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

  it('is sealed with one key per person, which the next export of that person uses too', async () => {
    await intake.exportWith({}, as('a5'));
    await intake.exportWith({ format: 'csv' }, as('a5'));
    await intake.exportWith({}, as('a6'));
    const keys = await intake.db
      .collection<{ _id: string }>('personal_keys')
      .countDocuments({ _id: { $in: people('a5', 'a6') } });
    expect(keys).toBe(2);
  });

  it('keeps the order of the ids and warns of repeated ones', async () => {
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

describe('repeated request', () => {
  it('returns the job of its Idempotency-Key and the status of that job after it has ended', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const first = await intake.exportWith({}, { ...as('b1'), headers });
    await jobs().updateOne(
      { _id: String(first.body['job_id']) },
      { $set: { status: 'failed' }, $unset: { active_key: '' } },
    );
    const second = await intake.exportWith({}, { ...as('b1'), headers });
    expect(second.body).toEqual({ ...first.body, status: 'failed' });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is rejected when its key came with another body, but not when another user sent the key', async () => {
    const headers = { 'idempotency-key': 'k-2' };
    const first = await intake.exportWith({}, { ...as('b2'), headers });
    const other = await intake.exportWith({ format: 'csv' }, { ...as('b2'), headers });
    expect([other.status, other.body['code']]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
    const otherUser = await intake.exportWith({ format: 'csv' }, { ...as('b3'), headers });
    expect(otherUser.status).toBe(200);
    expect(otherUser.body['job_id']).not.toBe(first.body['job_id']);
  });

  it('starts a new job when its key is a day old', async () => {
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

  it('returns the running job of an identical request, and a new job for another request', async () => {
    const first = await intake.exportWith({}, as('b5'));
    const same = await intake.exportWith({ timezone: 'Asia/Jakarta', source: [] }, as('b5'));
    const other = await intake.exportWith({ format: 'csv' }, as('b5'));
    expect(same.body['job_id']).toBe(first.body['job_id']);
    expect(other.body['job_id']).not.toBe(first.body['job_id']);
  });

  it('adds its key to the running job, so that the key returns that job later', async () => {
    const first = await intake.exportWith({}, as('b6'));
    const headers = { 'idempotency-key': 'k-4' };
    await intake.exportWith({}, { ...as('b6'), headers });
    await jobs().updateOne({ _id: String(first.body['job_id']) }, { $unset: { active_key: '' } });
    const again = await intake.exportWith({}, { ...as('b6'), headers });
    expect(again.body['job_id']).toBe(first.body['job_id']);
  });

  it('starts one job and takes one point when it is sent many times at once', async () => {
    const before = await remaining('c0');
    const answers = await Promise.all(Array.from({ length: 12 }, () => intake.exportWith({}, as('c1'))));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.body['job_id'])).size).toBe(1);
    expect(await jobs().countDocuments({ user_id: 'c1' })).toBe(1);
    // One point for the job, one for the request that reads the remaining points.
    expect(before - (await remaining('c2'))).toBe(2);
  });

  it('starts one job per user when several users send the same key at once', async () => {
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

/** Returns the company's remaining points after one more export. */
async function remaining(user: string): Promise<number> {
  const { headers } = await intake.exportWith({}, as(user));
  return Number(headers.get('ratelimit-remaining'));
}
