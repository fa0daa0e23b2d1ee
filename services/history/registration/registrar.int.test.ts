import { waitFor } from '@waybill/testbed';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MoodyServer } from '@waybill/testbed';
import { Harness } from '../testing/harness.ts';

let server: MoodyServer;
let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
});
beforeEach(async () => {
  server = await MoodyServer.start();
  await harness.start({ HISTORY_REGISTRAR_URL: `${server.url}/exports`, HISTORY_REGISTRAR_TOKEN: 'secret' });
});
afterEach(async () => {
  await harness.stop();
  await server[Symbol.asyncDispose]();
});
afterAll(() => harness[Symbol.asyncDispose]());

const limitMs = 20_000;
const stateOf = async (jobId: string) =>
  (await harness.collections.registrations.findOne({ job_id: jobId }))?.state;
const eventsOf = (jobId: string) =>
  harness.activities.filter(
    ({ job_id, name }) => job_id === jobId && name === 'cdp_export_history_registered',
  );

describe("the registrar of the product's own history", () => {
  it('posts each attempt once with link and visibility, then emits the product event', async () => {
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.register(event);
    await waitFor(() => eventsOf(event.job_id).length > 0, { limitMs, what: 'the product event' });
    await harness.publish(event);
    await harness.register({ ...event, attempt: 2 });
    expect(server.received[0]).toMatchObject({
      path: '/exports',
      headers: { authorization: 'Bearer secret', 'idempotency-key': `${event.job_id}:1` },
      body: {
        job_id: event.job_id,
        quota_type: 'Customer Data',
        visibility: ['company', 'organization'],
        company_id: ani.companyId,
        organization_id: 'org-1',
        rows: 9_997,
        link: `https://crm.example/iag/v1/contacts/export/history/${event.job_id}/download`,
      },
    });
    await waitFor(() => eventsOf(event.job_id).length === 2, { limitMs, what: 'the second attempt' });
    expect(server.received).toHaveLength(2);
  });

  it('registers an entry later if the other system is down, without delaying the entry [S08]', async () => {
    server.mood = { kind: 'hang-up' };
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.register(event);
    expect((await harness.request(`/${event.job_id}`, ani)).status).toBe(200);
    await waitFor(() => server.received.length >= 2, { limitMs, what: 'both tries' });
    expect(eventsOf(event.job_id)).toEqual([]);
    server.mood = { kind: 'answer', status: 201 };
    await waitFor(() => eventsOf(event.job_id).length > 0, { limitMs: 30_000, what: 'the product event' });
    expect(await stateOf(event.job_id)).toBe('registered');
  });

  it('posts a refused entry once only and emits no product event for it', async () => {
    server.mood = { kind: 'answer', status: 400 };
    const ani = await harness.person();
    const event = await harness.exported(ani);
    await harness.register(event);
    await waitFor(async () => (await stateOf(event.job_id)) === 'refused', { limitMs, what: 'the refusal' });
    expect(eventsOf(event.job_id)).toEqual([]);
  });
});
