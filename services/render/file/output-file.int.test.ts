import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createStorage } from '@waybill/object-storage';
import { silentLogger } from '@waybill/observability';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleSpec } from '../testing/sample-spec.ts';
import { createOutputFile } from './output-file.ts';

const mib = 1_048_576;
const partBytes = 5 * mib;
/** The time that one try of a request has. An abandoned file must not wait for it. */
const requestMs = 60_000;

/** A storage server that accepts connections and never answers. */
let server: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => sockets.add(socket.resume().on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

describe('an abandoned file', () => {
  it('ends its upload at once although storage does not answer', async () => {
    // An address of a listening TCP server is an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const storage = createStorage({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      accessKeyId: 'a',
      secretAccessKey: 'b',
      partBytes,
      partsInFlight: 1,
      requestMs,
      logger: silentLogger(),
    });
    const upload = storage.openUpload({ bucket: 'b', key: 'k', contentType: 'text/csv', fileName: 'c.csv' });
    const file = createOutputFile({
      spec: { ...sampleSpec, format: 'csv' },
      plan: { columns: [{ name: 'a', header: 'A', fieldType: 'text' }], total: 1, snapshotAt: 0 },
      upload,
      compressionLevel: 5,
      partBytes,
    });
    const writing = file.write(Array.from({ length: 200 }, () => ['x'.repeat(100_000)]));
    writing.catch(() => undefined);
    await waitFor(() => upload.bytesWritten > partBytes, { limitMs: 20_000, what: 'a part to be sent' });
    const start = performance.now();
    await file.abandon();
    expect(performance.now() - start).toBeLessThan(requestMs / 2);
    await expect(writing).rejects.toThrow();
    storage.close();
  });
});
