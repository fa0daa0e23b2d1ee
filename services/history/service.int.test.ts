import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failed } from '@waybill/fixtures';
import { Harness } from './testing/harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const registeredOf = (jobId: string) =>
  harness.activities.filter(
    (event) => event.job_id === jobId && event.name === 'cdp_export_history_registered',
  );

describe('an export.completed event', () => {
  it('creates an entry with its receipt and emits one product event', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.register(event);
    const response = await harness.request(`/${event.job_id}`, ani);
    expect(await response.json()).toMatchObject({
      job_id: event.job_id,
      status: 'completed',
      requested_by: { user_id: ani.userId, email: 'ani@example.com', name: 'Ani', erased: false },
      total_records: 10_000,
      success_count: 9_997,
      failed_count: 3,
      receipt: { sha256: event.receipt?.sha256 },
      downloads: { count: 0, last_at: null },
    });
    await waitFor(() => registeredOf(event.job_id).length > 0, {
      limitMs: 20_000,
      what: 'the product event',
    });
  });

  it('is stored once: a replay changes nothing and emits no further event', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    const entry = await harness.register(event);
    await waitFor(() => registeredOf(event.job_id).length > 0, {
      limitMs: 20_000,
      what: 'the product event',
    });
    await harness.publish(event);
    await harness.publish(event);
    await harness.stop();
    await harness.start();
    // The same job is in the same partition: when this entry exists, the replayed events were handled.
    await harness.register({ ...event, attempt: 2 });
    await harness.collections.entries.deleteOne({ _id: event.job_id });
    await harness.register(event);
    expect(await harness.collections.entries.findOne({ _id: event.job_id })).toEqual(entry);
    expect(registeredOf(event.job_id).map(({ attributes }) => attributes['attempt'])).toEqual(['1', '2']);
  });

  it('shows the newest attempt, in whatever order the attempts arrive', async () => {
    const ani = await harness.person();
    const first = await harness.exported(ani, failed());
    const second = { ...(await harness.exported(ani)), job_id: first.job_id, attempt: 2 };
    await harness.register(second);
    await harness.publish(first);
    await waitFor(() => registeredOf(first.job_id).length === 2, { limitMs: 20_000, what: 'both attempts' });
    expect(await harness.collections.entries.findOne({ _id: first.job_id })).toMatchObject({
      attempt: 2,
      outcome: 'SUCCEEDED',
    });
  });

  it('marks an export above the alert threshold and keeps the mark when the threshold changes', async () => {
    const ani = await harness.person();
    await harness.threshold(ani.companyId, 9_996);
    const event = await harness.exported(ani);
    await harness.register(event);
    await waitFor(() => registeredOf(event.job_id).length > 0, { limitMs: 20_000, what: 'the registration' });
    await harness.threshold(ani.companyId, 50_000);
    const view: unknown = await (await harness.request(`/${event.job_id}`, ani)).json();
    expect(view).toMatchObject({ governance: { threshold: 9_996 } });
    const small = await harness.exported(ani);
    await harness.register(small);
    const unmarked: unknown = await (await harness.request(`/${small.job_id}`, ani)).json();
    expect(unmarked).toMatchObject({ governance: null });
  });

  it('creates an entry that is removed after its retention period, with its audit', async () => {
    const { entries, downloads } = harness.collections;
    const ani = await harness.person();
    const [old, young] = [await harness.exported(ani), await harness.exported(ani)];
    for (const event of [old, young]) {
      await harness.register(event);
      expect((await harness.request(`/${event.job_id}/download`, ani)).status).toBe(302);
    }
    const past = { $set: { keep_until: new Date(Date.now() - 1) } };
    await entries.updateOne({ _id: old.job_id }, past);
    await downloads.updateOne({ job_id: old.job_id }, past);
    const isLeft = async ({ job_id }: { readonly job_id: string }) =>
      [await entries.countDocuments({ _id: job_id }), await downloads.countDocuments({ job_id })].join();
    await waitFor(async () => (await isLeft(old)) === '0,0', {
      limitMs: 20_000,
      what: 'the entry and its download to go',
    });
    expect(await isLeft(young)).toBe('1,1');
  });

  it('is skipped if the requester is unknown, and the partition continues', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.publish({ ...event, spec: null, attempt: 1 });
    expect(await harness.register({ ...event, attempt: 2 })).toMatchObject({ attempt: 2 });
  });
});

describe('a message that is not an event', () => {
  it('is dead-lettered, and the partition continues', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.raw.send('export.completed', { key: event.job_id, value: 'not Avro' });
    await harness.register(event);
    const letters = await harness.raw.read('history.dlq');
    expect(letters.find(({ key }) => key === event.job_id)?.headers).toMatchObject({
      'waybill-cause-code': 'EVENT_UNREADABLE',
    });
  });
});
