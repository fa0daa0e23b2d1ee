import { createServer, type AddressInfo } from 'node:net';
import { silentLogger } from '@waybill/observability';
import { startServer, waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { openStore, storesFromSettings } from './index.ts';

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

describe('storesFromSettings', () => {
  it('waits for a server that does not answer as long as MONGODB_TIMEOUT_MS', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // a TCP server has one
    const stores = storesFromSettings(
      {
        MONGODB_URL: `mongodb://127.0.0.1:${port}`,
        MONGODB_DATABASE: 'own',
        MONGODB_CRM_DATABASE: 'crm',
        MONGODB_TIMEOUT_MS: 321,
        MONGODB_SOCKET_TIMEOUT_MS: 1_000,
      },
      silentLogger(),
    );
    for (const store of [stores.store, stores.crm]) {
      const cause: unknown = expect.objectContaining({ message: 'Server selection timed out after 321 ms' });
      await expect(store.ping()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause });
      await store.close();
    }
    server.close();
  });
});
