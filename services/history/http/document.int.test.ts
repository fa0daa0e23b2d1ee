import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyDocument } from './document.ts';
import { responses } from './schemas.ts';
import { cancelled, failed } from '@waybill/fixtures';
import { Harness, type Person } from '../testing/harness.ts';

let harness: Harness;
let ani: Person;
let jobId: string;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
  ani = await harness.person({
    permissions: ['contacts.export', 'contacts.export.admin', 'contacts.export.erase'],
  });
  const event = await harness.exported(ani);
  jobId = event.job_id;
  await harness.register(event);
  await harness.register(await harness.exported(ani, failed({ completed_at: Date.now() })));
  await harness.register(await harness.exported(ani, cancelled({ completed_at: Date.now() })));
  await harness.request(`/${jobId}/download`, ani);
});
afterAll(() => harness[Symbol.asyncDispose]());

const json = async (response: Promise<Response>): Promise<unknown> => (await response).json();

describe('the OpenAPI document of history', () => {
  it('is served at /openapi.json without a session', async () => {
    const response = await fetch(`${harness.url}/openapi.json`);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(historyDocument())));
  });

  it('describes every member of the answers and no other', async () => {
    const list = responses.History.parse(await json(harness.request('', ani)));
    expect(list.data.map(({ status }) => status).sort()).toEqual(['cancelled', 'completed', 'failed']);
    responses.HistoryEntry.parse(await json(harness.request(`/${jobId}`, ani)));
    expect(
      responses.Downloads.parse(await json(harness.request(`/${jobId}/downloads`, ani))).data,
    ).toHaveLength(1);
    expect(responses.Skipped.parse(await json(harness.request(`/${jobId}/skipped`, ani))).data).toHaveLength(
      3,
    );
    const erasure = await harness.request('/erasures', ani, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ company_id: ani.companyId, user_id: ani.userId }),
    });
    expect(responses.Erasure.parse(await erasure.json()).removed).toEqual({
      entries: 3,
      downloads: 1,
      events: 0,
      files: 2,
    });
    responses.History.parse(await json(harness.request('?scope=company', ani)));
  });

  it('lists every route; any other path or method answers 404 or 405', async () => {
    const paths = Object.keys(historyDocument().paths);
    expect(paths).toContain('/iag/v1/contacts/export/history/{job_id}/download');
    expect((await harness.request(`/${jobId}/elsewhere`, ani)).status).toBe(404);
    expect((await harness.request(`/${jobId}`, ani, { method: 'DELETE' })).status).toBe(405);
  });
});
