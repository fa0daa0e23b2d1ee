import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done } from './index.ts';
import { openPort, quickRetry } from './testing/port.ts';
import { progress } from './testing/sample-events.ts';

describe('delivery', () => {
  it('hands a handler the event that was sent, with its headers and trace', async () => {
    await using port = await openPort();
    const seen: unknown[] = [];
    await port.consume({
      group: 'g',
      service: 'intake',
      topics: ['export.progress'],
      retry: quickRetry,
      handler: (message) => {
        seen.push(message);
        return Promise.resolve(done());
      },
    });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = { ...progress('job-1', 7), traceparent };
    await port.producer.send('export.progress', sent);
    await waitFor(() => seen.length === 1, { limitMs: 10_000, what: 'the message' });
    expect(seen[0]).toMatchObject({
      topic: 'export.progress',
      key: 'job-1',
      id: sent.id,
      type: 'export.progress',
      companyId: 'company-1',
      attempt: 1,
      delivery: 1,
      at: sent.at,
      traceparent,
      event: sent.event,
    });
  });
});
