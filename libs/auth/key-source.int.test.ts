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
      // Every error of this package is an ExportError; any other shows as undefined.
      (error: unknown) => (error as { readonly code?: string }).code,
    );
  return { key, server, lines, outcome };
}

async function waitForRequests(server: KeyServer, count: number): Promise<void> {
  await expect.poll(() => server.requests(), { timeout: 5_000 }).toBe(count);
}

describe('the keys of the issuer', () => {
  it('are read once for many requests, also for those at the same time', async () => {
    const { server, outcome } = await given();
    expect(await Promise.all(Array.from({ length: 20 }, () => outcome()))).toEqual(
      Array(20).fill('ACCEPTED'),
    );
    expect(await outcome()).toBe('ACCEPTED');
    expect(server.requests()).toBe(1);
  });

  it('are read anew for a key that was rotated in', async () => {
    const { key, server, outcome } = await given({ cooldownMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    const next = await newSigningKey('k2');
    server.publish(key, next);
    expect(await outcome(next)).toBe('ACCEPTED');
    expect(await outcome(key)).toBe('ACCEPTED');
    expect(server.requests()).toBe(2);
  });

  it('no longer serve once they were rotated out', async () => {
    const { key, server, outcome } = await given({ cooldownMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    const next = await newSigningKey('k2');
    server.publish(next);
    expect(await outcome(next)).toBe('ACCEPTED');
    expect(await outcome(key)).toBe('UNAUTHENTICATED');
  });

  it('are not asked for again by unknown key ids within the cooldown', async () => {
    const { server, outcome } = await given();
    expect(await outcome()).toBe('ACCEPTED');
    const unknown = await newSigningKey('k9');
    for (let request = 0; request < 10; request += 1) expect(await outcome(unknown)).toBe('UNAUTHENTICATED');
    expect(server.requests()).toBe(1);
  });

  it('are refreshed beside a request that goes on with the ones at hand', async () => {
    const { server, outcome } = await given({ cacheMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    expect(await outcome()).toBe('ACCEPTED');
    await waitForRequests(server, 2);
  });
});

describe('a key server that is down', () => {
  it('makes us unavailable, not the token wrong, and is logged without the token', async () => {
    const { server, lines, outcome } = await given();
    await server.stop();
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
    expect(lines.join()).toContain('keys of the token issuer not readable');
    expect(lines.join()).toContain('ECONNREFUSED');
    expect(lines.join()).not.toContain('eyJ');
  });

  it.each([
    ['with an error', { status: 500, body: '{}' }],
    ['with a redirect', { status: 302, body: '{}' }],
    ['with no JSON', { status: 200, body: '<html>' }],
    ['with no keys', { status: 200, body: '{"keys":"none"}' }],
  ])('may also be one that answers %s', async (_, answer) => {
    const { server, outcome } = await given();
    server.answerWith(answer);
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
  });

  it('may also be one that does not answer', async () => {
    const { server, outcome } = await given({ timeoutMs: 50 });
    server.hang();
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
  });

  it('is not asked by every request', async () => {
    const { server, lines, outcome } = await given();
    server.answerWith({ status: 500, body: '{}' });
    for (let request = 0; request < 10; request += 1) expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
    expect(server.requests()).toBe(1);
    expect(lines).toHaveLength(1);
  });

  it('is asked again after a second, and then serves', async () => {
    const { server, outcome } = await given();
    server.answerWith({ status: 500, body: '{}' });
    expect(await outcome()).toBe('SERVICE_UNAVAILABLE');
    server.answerWith(undefined);
    await expect.poll(() => outcome(), { timeout: 5_000 }).toBe('ACCEPTED');
  });

  it('stops nobody whose key was read before', async () => {
    const { server, outcome } = await given({ cacheMs: 0 });
    expect(await outcome()).toBe('ACCEPTED');
    await server.stop();
    for (let request = 0; request < 5; request += 1) expect(await outcome()).toBe('ACCEPTED');
  });
});
