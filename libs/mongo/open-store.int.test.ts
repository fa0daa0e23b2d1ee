import { silentLogger } from '@waybill/observability';
import { startServer, waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { openStore } from './index.ts';

describe('a MongoDB that is down at the first operation', () => {
  it('operations fail with SERVICE_UNAVAILABLE until MongoDB starts, and succeed after that', async () => {
    await using mongo = await startServer('mongo');
    await mongo.stop('hard');
    const store = openStore({ url: mongo.addresses.mongo.url, database: 'first', logger: silentLogger() });
    const unavailable = { code: 'SERVICE_UNAVAILABLE', retryable: true };
    // Together: only one of them makes the connection, the others wait for it.
    const asked = await Promise.allSettled([store.ping(), store.ping(), store.ping()]);
    const failed = { status: 'rejected', reason: expect.objectContaining(unavailable) as unknown };
    expect(asked).toEqual([failed, failed, failed]);
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    await mongo.start();
    await waitFor(() => store.ping().then(() => true), { limitMs: 10_000, what: 'MongoDB to be used' });
    await store.close();
  });
});
