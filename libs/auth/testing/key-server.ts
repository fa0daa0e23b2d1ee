import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';

/** A key pair of an issuer, under a key id. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function newSigningKey(kid: string, algorithm = 'EdDSA'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    kid,
    algorithm,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
  };
}

export interface KeyServer {
  readonly jwksUrl: string;
  /** How often the keys were asked for. */
  readonly requests: () => number;
  /** Publishes these keys from now on. */
  publish(...keys: readonly SigningKey[]): void;
  /** Answers every request like this from now on; undefined answers with the keys again. */
  answerWith(answer: { readonly status: number; readonly body: string } | undefined): void;
  /** Answers no request from now on. */
  hang(): void;
  stop(): Promise<void>;
}

/** A JWKS over HTTP on loopback, as an identity provider serves it. */
export async function startKeyServer(...published: readonly SigningKey[]): Promise<KeyServer> {
  let keys = published;
  let fixed: { readonly status: number; readonly body: string } | undefined;
  let hanging = false;
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    if (hanging) return;
    const body = fixed?.body ?? JSON.stringify({ keys: keys.map((key) => key.publicJwk) });
    response.writeHead(fixed?.status ?? 200, { 'content-type': 'application/json' }).end(body);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    requests: () => requests,
    publish: (...next) => {
      keys = next;
    },
    answerWith: (answer) => {
      fixed = answer;
    },
    hang: () => {
      hanging = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a token of the tests says; `undefined` leaves a claim out. */
export interface TokenParts {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresInSeconds?: number | undefined;
  readonly notBeforeSeconds?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

export const issuer = 'https://id.example';
export const audience = 'waybill';

export const goodClaims = {
  sub: 'u1',
  company_id: 'c1',
  organization_id: 'o1',
  permissions: ['contacts.export', 'tickets.read'],
  email: 'budi@example.com',
  name: 'Budi',
  locale: 'id-ID',
};

/** The value of an `Authorization` header with a token of that key. */
export async function bearerOf(key: SigningKey, parts: TokenParts = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT({ ...goodClaims, ...parts.claims })
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid })
    .setIssuer(parts.issuer ?? issuer)
    .setAudience(parts.audience ?? audience)
    .setIssuedAt(now);
  const expiry = 'expiresInSeconds' in parts ? parts.expiresInSeconds : 60;
  if (expiry !== undefined) token.setExpirationTime(now + expiry);
  if (parts.notBeforeSeconds !== undefined) token.setNotBefore(now + parts.notBeforeSeconds);
  return `Bearer ${await token.sign(key.privateKey)}`;
}
