import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, type Collected } from '../testing/events.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';

let intake: RunningIntake;
let activities: Collected<'export.activity'>;

beforeAll(async () => {
  intake = await startTestIntake({ contacts: 20 });
  activities = collect(intake.kafka, 'export.activity');
});
afterAll(async () => {
  await activities[Symbol.asyncDispose]();
  await intake[Symbol.asyncDispose]();
});

const eventsOf = (userId: string) => activities.messages.filter(({ event }) => event.user_id === userId);

function firstEventOf(userId: string) {
  return waitFor(() => eventsOf(userId)[0], { limitMs: 20_000, what: `a product event of ${userId}` });
}

describe('product event', () => {
  it('cdp_export_started is published once per export and contains no search terms', async () => {
    const asked = {
      format: 'csv',
      selection_mode: 'filtered',
      criterion: { search: 'example', filters: [] },
    };
    const as = { userId: 'starter' };
    const { body } = await intake.exportWith(asked, { as });
    const message = await firstEventOf('starter');
    expect(message).toMatchObject({ type: 'cdp_export_started', key: intake.companyId, attempt: 1 });
    expect(message.event).toMatchObject({
      name: 'cdp_export_started',
      company_id: intake.companyId,
      job_id: body['job_id'],
      attributes: { format: 'csv', selection_mode: 'filtered', lane: 'standard', fields: '2' },
      personal: null,
    });
    expect(JSON.stringify(message.event)).not.toContain('example');

    // An identical request returns the running job and publishes nothing; the event of the other person comes after it.
    const again = await intake.exportWith(asked, { as });
    expect(again.body['job_id']).toBe(body['job_id']);
    await intake.exportWith({}, { as: { userId: 'later' } });
    await firstEventOf('later');
    expect(eventsOf('starter')).toHaveLength(1);
  });

  it('cdp_export_limit_exceeded is published with total and cap, without a job', async () => {
    const tenants = intake.crm.collection<{ _id: string; cap?: number }>('tenants');
    await tenants.updateOne({ _id: intake.companyId }, { $set: { cap: 19 } });
    const refused = await intake.exportWith({}, { as: { userId: 'greedy' } });
    expect(refused.body['code']).toBe('EXPORT_LIMIT_EXCEEDED');
    const { event } = await firstEventOf('greedy');
    expect(event).toMatchObject({
      name: 'cdp_export_limit_exceeded',
      company_id: intake.companyId,
      job_id: null,
      attributes: { total: '20', cap: '19' },
    });
  });
});
