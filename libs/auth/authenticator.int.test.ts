import { silentLogger } from '@waybill/observability';
import fc from 'fast-check';
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator, type Authenticator } from './index.ts';
import {
  audience,
  bearerOf,
  goodClaims,
  issuer,
  newSigningKey,
  startKeyServer,
  type KeyServer,
  type SigningKey,
} from './testing/key-server.ts';

let key: SigningKey;
let rsa: SigningKey;
let server: KeyServer;
let authenticator: Authenticator;

beforeAll(async () => {
  key = await newSigningKey('k1');
  rsa = await newSigningKey('r1', 'RS256');
  server = await startKeyServer(key, rsa);
  authenticator = createAuthenticator({ jwksUrl: server.jwksUrl, issuer, audience, logger: silentLogger() });
});

afterAll(() => server.stop());

/** Returns the reason that the authenticator gives for refusing. */
async function refusal(
  authorization: string | undefined,
  by: Authenticator = authenticator,
): Promise<string> {
  const outcome = await by.caller(authorization).then(
    () => ({ code: 'ACCEPTED', message: 'accepted' }),
    // A thrown value without a code is undefined below.
    (error: unknown) => error as { readonly code: string; readonly message: string },
  );
  expect(outcome.code).toBe('UNAUTHENTICATED');
  return outcome.message;
}

function forged(header: object, payload: object, signature = 'c2ln'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `Bearer ${part(header)}.${part(payload)}.${signature}`;
}

const now = () => Math.floor(Date.now() / 1000);
const payload = () => ({ ...goodClaims, iss: issuer, aud: audience, exp: now() + 60 });

describe('an accepted token', () => {
  it('an accepted token is signed by its issuer for our audience and describes the caller', async () => {
    expect(await authenticator.caller(await bearerOf(key))).toEqual({
      userId: 'u1',
      companyId: 'c1',
      organizationId: 'o1',
      permissions: ['contacts.export'],
      email: 'budi@example.com',
      name: 'Budi',
      locale: 'id',
    });
  });

  it('an accepted token may have expired up to five seconds ago, because clocks differ', async () => {
    await expect(authenticator.caller(await bearerOf(key, { expiresInSeconds: -2 }))).resolves.toBeDefined();
  });

  it('an accepted token has another algorithm only if the setting lists it', async () => {
    const token = await bearerOf(rsa);
    expect(await refusal(token)).toContain("the token's algorithm is not accepted");
    const both = createAuthenticator({
      jwksUrl: server.jwksUrl,
      issuer,
      audience,
      logger: silentLogger(),
      algorithms: ['EdDSA', 'RS256'],
    });
    expect((await both.caller(token)).userId).toBe('u1');
  });
});

describe('createAuthenticator', () => {
  it.each([
    ['that is missing', undefined],
    ['that is empty', ''],
    ['of another scheme', 'Basic dTpw'],
    ['with a token of two parts', 'Bearer a.b'],
    ['with two tokens', 'Bearer a.b.c, Bearer a.b.c'],
    ['that ends in a line break', 'Bearer a.b.c\n'],
  ])('the authenticator rejects an Authorization header %s', async (_, header) => {
    expect(await refusal(header)).toContain('the Authorization header has no bearer token');
  });

  it('the authenticator rejects a token that has expired', async () => {
    expect(await refusal(await bearerOf(key, { expiresInSeconds: -30 }))).toContain('the token has expired');
  });

  it('the authenticator rejects a token that never expires', async () => {
    expect(await refusal(await bearerOf(key, { expiresInSeconds: undefined }))).toContain('exp');
  });

  it('the authenticator rejects a token that is not valid yet', async () => {
    expect(await refusal(await bearerOf(key, { notBeforeSeconds: 60 }))).toContain('nbf');
  });

  it('the authenticator rejects a token for another audience', async () => {
    expect(await refusal(await bearerOf(key, { audience: 'tickets' }))).toContain('aud');
  });

  it('the authenticator rejects a token of another issuer, even with a known key', async () => {
    expect(await refusal(await bearerOf(key, { issuer: 'https://evil.example' }))).toContain('iss');
  });

  it('the authenticator rejects an unsigned token (alg none)', async () => {
    const unsecured = new UnsecuredJWT(payload()).encode();
    expect(await refusal(`Bearer ${unsecured}`)).toContain("the token's algorithm is not accepted");
    expect(await refusal(forged({ alg: 'none', kid: 'k1' }, payload(), ''))).toContain('algorithm');
  });

  it('the authenticator rejects a token that used the public key as a secret (HS256)', async () => {
    const imported = await importJWK({ ...rsa.publicJwk }, 'RS256', { extractable: true });
    if (imported instanceof Uint8Array) throw new Error('An RSA key was expected.');
    const secret = new TextEncoder().encode(await exportSPKI(imported));
    const token = await new SignJWT(payload()).setProtectedHeader({ alg: 'HS256', kid: 'r1' }).sign(secret);
    expect(await refusal(`Bearer ${token}`)).toContain("the token's algorithm is not accepted");
    const lenient = createAuthenticator({
      jwksUrl: server.jwksUrl,
      issuer,
      audience,
      logger: silentLogger(),
      algorithms: ['RS256', 'EdDSA'],
    });
    expect(await refusal(`Bearer ${token}`, lenient)).toContain("the token's algorithm is not accepted");
  });

  it('the authenticator rejects a token whose key is not published', async () => {
    expect(await refusal(await bearerOf(await newSigningKey('k9')))).toContain(
      "the token's key is not known",
    );
  });

  it('the authenticator rejects a token that another key signed under a known key id', async () => {
    const impostor = { ...(await newSigningKey('k1')), kid: 'k1' };
    expect(await refusal(await bearerOf(impostor))).toContain("the token's signature is not valid");
  });

  it('the authenticator rejects a token with a claim that was changed after signing', async () => {
    const [header = '', , signature = ''] = (await bearerOf(key)).split('.');
    const changed = Buffer.from(JSON.stringify({ ...payload(), company_id: 'c2' })).toString('base64url');
    expect(await refusal(`${header}.${changed}.${signature}`)).toContain(
      "the token's signature is not valid",
    );
  });

  it('the authenticator names the claim that is missing', async () => {
    const token = await bearerOf(key, { claims: { company_id: undefined } });
    expect(await refusal(token)).toContain('missing or not valid: company_id');
  });

  it('the authenticator rejects a token that contains its own key or requires an extension', async () => {
    expect(await refusal(forged({ alg: 'EdDSA', kid: 'k1', jwk: key.publicJwk }, payload()))).toContain(
      'signature',
    );
    expect(
      await refusal(forged({ alg: 'EdDSA', kid: 'k1', crit: ['b64'], b64: false }, payload())),
    ).toContain('token');
  });

  it(
    'the authenticator answers UNAUTHENTICATED to any forged header, never an error of the service',
    { timeout: 30_000 },
    async () => {
      const header = fc.record(
        {
          alg: fc.oneof(fc.constant('EdDSA'), fc.jsonValue()),
          kid: fc.oneof(fc.constant('k1'), fc.jsonValue()),
          crit: fc.jsonValue(),
          typ: fc.jsonValue(),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(header, fc.jsonValue(), async (protectedHeader, claims) => {
          await refusal(forged(protectedHeader, Object(claims) as object));
        }),
        { numRuns: 200 },
      );
    },
  );

  it('the authenticator repeats nothing of the token in the reason', async () => {
    const message = await refusal(await bearerOf(key, { claims: { company_id: 'secret/value' } }));
    expect(message).not.toContain('secret');
  });
});
