import type { Permission } from '@waybill/domain';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notifyDocument } from './document.ts';
import { responses } from './schemas.ts';
import { sealedFor, succeeded, exportSpec } from '@waybill/fixtures';
import { freshJob, Harness } from '../testing/harness.ts';

let harness: Harness;
const { user, email, jobId } = freshJob();
const claims = {
  userId: user,
  companyId: 'company-1',
  permissions: ['contacts.export', 'contacts.export.admin', 'contacts.export.erase'] as Permission[],
};

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
  const personal = await sealedFor('company-1', user, { email });
  const spec = exportSpec({ user_id: user, personal });
  await harness.publish(succeeded({ job_id: jobId, spec, completed_at: Date.now() }));
  await waitFor(() => harness.collections.deliveries.findOne({ job_id: jobId, state: 'sent' }), {
    limitMs: 20_000,
    what: 'the email to be sent',
  });
});
afterAll(() => harness[Symbol.asyncDispose]());

async function call(path: string, init: RequestInit = {}): Promise<unknown> {
  return (await harness.request(`/iag/v1/notifications${path}`, claims, init)).json();
}

const posted = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('OpenAPI document of notify', () => {
  it('is served without a session', async () => {
    const response = await fetch(`${harness.url}/openapi.json`);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(notifyDocument())));
  });

  it('describes exactly the members of each answer', async () => {
    const list = responses.Notifications.parse(await call(''));
    const id = list.data[0]?.id ?? '';
    responses.ReadNotification.parse(await call(`/${id}/read`, { method: 'POST' }));
    responses.ReadNotifications.parse(await call('/read', posted({ ids: [id] })));
    await harness.collections.deliveries.updateOne(
      { job_id: jobId },
      { $set: { state: 'stuck', event: succeeded({ spec: null }) } },
    );
    const stuck = responses.Deliveries.parse(await call('/deliveries'));
    const resend = await call(`/deliveries/${stuck.data[0]?.id ?? ''}/resend`, { method: 'POST' });
    expect(responses.ResentDelivery.parse(resend).state).toBe('withdrawn');
    responses.Erasure.parse(await call('/erasures', posted({ company_id: 'company-1', user_id: user })));
  });
});
