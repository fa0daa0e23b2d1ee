import { cancelKey } from '@waybill/redis';
import { eventId } from '@waybill/kafka';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { jobId, type Permission } from '@waybill/domain';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endJob } from '../testing/end-job.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';
import { sampleCompleted } from '../testing/sample-job.ts';

let intake: RunningIntake;
const redis = new Redis(sharedAddresses().redis.url);

beforeAll(async () => {
  intake = await startTestIntake({ contacts: 30 });
});
afterAll(async () => {
  redis.disconnect();
  await intake[Symbol.asyncDispose]();
});

const nothing = { jobs: 0, presets: 0, last_configurations: 0, personal_keys: 0 };
const collections = ['jobs', 'presets', 'last_configurations', 'personal_keys'];
const configuration = { format: 'csv', layout_id: 'default', selected_fields: ['email'], timezone: 'UTC' };

function erase(
  body: Readonly<Record<string, unknown>>,
  permissions: readonly Permission[] = ['contacts.export.erase'],
) {
  const as = { userId: 'operator', permissions };
  return intake.call('POST', '/export/erasures', { as, body: { company_id: intake.companyId, ...body } });
}

/** Creates a person with a running export under an Idempotency-Key, two presets, a last configuration and a key. */
async function person() {
  const as = { userId: uniqueName('u') };
  const headers = { 'idempotency-key': 'k1' };
  const { body } = await intake.exportWith({}, { as, headers });
  for (const shared of [false, true]) {
    const preset = { name: uniqueName('preset'), shared, configuration };
    expect((await intake.call('POST', '/export/presets', { as, body: preset })).status).toBe(201);
  }
  const last = intake.db.collection<{ _id: string }>('last_configurations');
  await waitFor(() => last.findOne({ _id: `${intake.companyId} ${as.userId}` }), {
    limitMs: 10_000,
    what: 'the last configuration to be saved',
  });
  return { as, headers, id: String(body['job_id']) };
}

async function everything(): Promise<string> {
  const all = collections.map((name) => intake.db.collection(name).find().toArray());
  return JSON.stringify(await Promise.all(all));
}

describe('erasure of a person', () => {
  it('removes jobs, presets, last configuration and key of that person only', async () => {
    const [ani, budi] = [await person(), await person()];
    await endJob(intake, ani.id, 'SUCCEEDED');
    const { status, body } = await erase({ user_id: ani.as.userId });
    expect([status, body]).toMatchObject([
      200,
      { removed: { jobs: 1, presets: 2, last_configurations: 1, personal_keys: 1 }, remaining: nothing },
    ]);
    expect(await everything()).not.toContain(ani.as.userId);
    const answer = await intake.call('GET', `/export/status/${ani.id}`, { as: ani.as });
    expect([answer.status, answer.body['code']]).toEqual([404, 'EXPORT_NOT_FOUND']);
    expect((await intake.call('GET', `/export/status/${budi.id}`, { as: budi.as })).status).toBe(200);
    const presets = await intake.call('GET', '/export/presets', { as: budi.as });
    expect(presets.body['data']).toHaveLength(2);
  });

  it('cancels running jobs and counts them as remaining until they have ended', async () => {
    const { as, id } = await person();
    const early = await erase({ user_id: as.userId });
    expect(early.body).toMatchObject({
      removed: { jobs: 0, presets: 2 },
      remaining: { ...nothing, jobs: 1 },
    });
    expect(await redis.exists(cancelKey(jobId(id), 1))).toBe(1);
    const running = await intake.call('GET', `/export/status/${id}`, { as });
    expect(running.body).toMatchObject({ status: 'queued', cancel_requested: true });
    await endJob(intake, id, 'FAILED');
    const late = await erase({ user_id: as.userId });
    expect(late.body).toMatchObject({ removed: { jobs: 1 }, remaining: nothing });
    expect(await everything()).not.toContain(as.userId);
    const repeated = await erase({ user_id: as.userId });
    expect(repeated.body).toMatchObject({ removed: nothing, remaining: nothing });
  });

  it.each<Permission>([
    'contacts.export',
    'contacts.export.history.company',
    'contacts.export.history.organization',
    'contacts.export.admin',
  ])('is rejected for a caller with only the permission %s', async (permission) => {
    const { as, id } = await person();
    const { status, body } = await erase({ user_id: as.userId }, [permission]);
    expect([status, body['code']]).toEqual([403, 'FORBIDDEN']);
    expect((await intake.call('GET', `/export/status/${id}`)).body).toMatchObject({
      cancel_requested: false,
    });
  });

  it('is not undone by a repeated export.completed', async () => {
    const { as, id } = await person();
    await endJob(intake, id, 'SUCCEEDED');
    await erase({ user_id: as.userId });
    const later = await person();
    const producer = intake.kafka.createProducer();
    const event = sampleCompleted({ job_id: id, company_id: intake.companyId });
    const message = { type: 'export.completed', companyId: intake.companyId, attempt: 1, at: Date.now() };
    // Sent with the key of another job, so that both events are in one partition and this one is handled first.
    await producer.send('export.completed', {
      ...message,
      key: later.id,
      id: eventId(id, 'export.completed', 1),
      event,
    });
    await producer.stop();
    await endJob(intake, later.id, 'SUCCEEDED');
    expect(await everything()).not.toContain(as.userId);
    expect(await everything()).not.toContain(id);
  });

  it('allows the person to start a new job with a new key under the same Idempotency-Key', async () => {
    const { as, headers, id } = await person();
    const keys = intake.db.collection<{ _id: string; wrapped_key: unknown }>('personal_keys');
    const before = await keys.findOne({ _id: `${intake.companyId} ${as.userId}` });
    await endJob(intake, id, 'SUCCEEDED');
    await erase({ user_id: as.userId });
    const again = await intake.exportWith({}, { as, headers });
    expect(again.body['job_id']).not.toBe(id);
    const after = await keys.findOne({ _id: `${intake.companyId} ${as.userId}` });
    expect(after).not.toBeNull();
    expect(after?.wrapped_key).not.toEqual(before?.wrapped_key);
  });
});

describe('erasure of a company', () => {
  it('removes its data, but not that of a company whose id starts with the same text', async () => {
    const { id } = await person();
    const keys = intake.db.collection<{ _id: string }>('personal_keys');
    await keys.insertOne({ _id: `${intake.companyId}2 someone` });
    await erase({});
    const running = await intake.db.collection<{ _id: string }>('jobs').find().toArray();
    for (const { _id } of running) await endJob(intake, _id, 'FAILED');
    expect((await erase({})).body).toMatchObject({ remaining: nothing });
    expect(await intake.db.collection<{ _id: string }>('jobs').findOne({ _id: id })).toBeNull();
    expect((await keys.find().toArray()).map(({ _id }) => _id)).toEqual([`${intake.companyId}2 someone`]);
  });
});
