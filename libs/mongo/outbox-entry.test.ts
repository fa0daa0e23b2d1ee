import { expect, it } from 'vitest';
import { publishTo, type OutboxEntry, type SentEntry } from './index.ts';

it('an outbox entry becomes an outgoing event with the company under the name that the port uses', async () => {
  const entry: OutboxEntry = {
    id: 'event-1',
    topic: 'export.activity',
    type: 'cdp_export_limit_exceeded',
    key: 'company-1',
    company_id: 'company-1',
    attempt: 1,
    event: {
      company_id: 'company-1',
      job_id: null,
      name: 'cdp_export_limit_exceeded',
      user_id: null,
      at: 1_700_000_000_000,
      attributes: {},
      personal: null,
    },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    at: 1_700_000_000_000,
  };
  const sent: { topic: string; event: SentEntry }[] = [];
  await publishTo({
    send: (topic, event) => {
      sent.push({ topic, event });
      return Promise.resolve();
    },
  })(entry);
  const { topic, company_id: companyId, ...rest } = entry;
  expect(sent).toEqual([{ topic, event: { ...rest, companyId } }]);
});
