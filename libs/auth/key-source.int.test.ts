import { createLogger } from '@waybill/observability';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthenticator, type AuthenticatorOptions } from './index.ts';
import {
  audience,
  bearerOf,
  issuer,
  newSigningKey,
  startKeyServer,
  type KeyServer,
  type SigningKey,
} from './testing/key-server.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function given(options: Partial<AuthenticatorOptions> = {}) {
  const key = await newSigningKey('k1');
  const server = await startKeyServer(key);
  stops.push(() => server.stop());
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', destination: { write: (line) => lines.push(line) } });
  const authenticator = createAuthenticator({
    jwksUrl: server.jwksUrl,
    issuer,
    audience,
    logger,
    ...options,
  });
  const outcome = async (by: SigningKey = key) =>
    authenticator.caller(await bearerOf(by)).then(
      () => 'ACCEPTED',
      // Every error of this package is an ExportError; any other one is undefined here.
      (error: unknown) => (error as { readonly code?: string }).code,
    );
  return { key, server, lines, outcome };
}

async function waitForRequests(server: KeyServer, count: number): Promise<void> {
  await expect.poll(() => server.requests(), { timeout: 5_000 }).toBe(count);
}

describe('the key source', () => {
  it('the key source reads the keys once for many requests, also for concurrent ones', async () => {
    const { server, outcome } = await given();
    expect(await Promise.all(Array.from({ length: 20 }, () => outcome()))).toEqual(
      Array(20).fill('ACCEPTED'),
    );
    expect(await outcome()).toBe('ACCEPTED');
    expect(server.requests()).toBe(1);
  });

  it('the key source reads the keys again for a key that was added by rotation', async () => {
    const { key, server, outcome } = await given({ cooldownMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    const next = await newSigningKey('k2');
    server.publish(key, next);
    expect(await outcome(next)).toBe('ACCEPTED');
    expect(await outcome(key)).toBe('ACCEPTED');
    expect(server.requests()).toBe(2);
  });

  it('the key source stops accepting a key that was removed by rotation', async () => {
    const { key, server, outcome } = await given({ cooldownMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    const next = await newSigningKey('k2');
    server.publish(next);
    expect(await outcome(next)).toBe('ACCEPTED');
    expect(await outcome(key)).toBe('UNAUTHENTICATED');
  });

  it('the key source does not read the keys again for unknown key ids within the cooldown', async () => {
    const { server, outcome } = await given();
    expect(await outcome()).toBe('ACCEPTED');
    const unknown = await newSigningKey('k9');
    for (let request = 0; request < 10; request += 1) expect(await outcome(unknown)).toBe('UNAUTHENTICATED');
    expect(server.requests()).toBe(1);
  });

  it('the key source refreshes the keys in the background while requests use the cached ones', async () => {
    const { server, outcome } = await given({ cacheMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    expect(await outcome()).toBe('ACCEPTED');
    await waitForRequests(server, 2);
  });
});

describe('the key source without its key server', () => {
  it('the key source answers SERVICE_UNAVAILABLE instead of UNAUTHENTICATED and logs nothing of the token', async () => {
    const { server, lines, outcome } = await given();
    await server.stop();
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
    expect(lines.join()).toContain('token issuer keys not read');
    expect(lines.join()).toContain('ECONNREFUSED');
    expect(lines.join()).not.toContain('eyJ');
  });

  it.each([
    ['an error', { status: 500, body: '{}' }],
    ['a redirect', { status: 302, body: '{}' }],
    ['a body that is not JSON', { status: 200, body: '<html>' }],
    ['a body without keys', { status: 200, body: '{"keys":"none"}' }],
  ])('the key source answers SERVICE_UNAVAILABLE if the server returns %s', async (_, answer) => {
    const { server, outcome } = await given();
    server.answerWith(answer);
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
  });

  it('the key source answers SERVICE_UNAVAILABLE if the server does not answer in time', async () => {
    const { server, outcome } = await given({ timeoutMs: 50 });
    server.hang();
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
  });

  it('the key source does not send a request for every token while the server fails', async () => {
    const { server, lines, outcome } = await given();
    server.answerWith({ status: 500, body: '{}' });
    for (let request = 0; request < 10; request += 1) expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
    expect(server.requests()).toBe(1);
    expect(lines).toHaveLength(1);
  });

  it('the key source asks the server again after a second', async () => {
    const { server, outcome } = await given();
    server.answerWith({ status: 500, body: '{}' });
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
    server.answerWith(undefined);
    await expect.poll(() => outcome(), { timeout: 5_000 }).toBe('ACCEPTED');
  });

  it('the key source keeps accepting tokens of keys that were read before', async () => {
    const { server, outcome } = await given({ cacheMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    await server.stop();
    for (let request = 0; request < 5; request += 1) expect(await outcome()).toBe('ACCEPTED');
  });
});
