import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sharedAddresses } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { createRegistryClient, isFinalAnswer } from './registry-client.ts';

/** Asks for a schema that does not exist, and returns whether the answer is final. */
async function isFinal(url: string): Promise<boolean> {
  const error: unknown = await createRegistryClient({ url, clientId: 'test', timeoutMs: 3_000 })
    .getSchema(2_000_000_000)
    .then(
      () => undefined,
      (cause: unknown) => cause,
    );
  expect(error).toBeInstanceOf(Error);
  return isFinalAnswer(error);
}

/** Listens as something in front of a registry, such as a proxy whose route is missing. */
async function withServer(answer: (response: ServerResponse) => void): Promise<boolean> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo; // a TCP server has one
    return await isFinal(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('the answer 404', () => {
  it('is final when the registry gives it', async () => {
    expect(await isFinal(sharedAddresses().registry.url)).toBe(true);
  });

  it.each([
    ['a page', 'text/html', '<h1>Not found</h1>'],
    ['JSON without an error code', 'application/json', '{"message":"no route"}'],
    ['another code', 'application/json', '{"error_code":50001}'],
  ])('passes when %s comes from something in front of the registry', async (_, type, body) => {
    const answer = (response: ServerResponse) => response.writeHead(404, { 'content-type': type }).end(body);
    expect(await withServer(answer)).toBe(false);
  });
});
