import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';

/** A key pair of an issuer with its key id. */
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
  /** The number of requests for the keys so far. */
  readonly requests: () => number;
  /** Publishes these keys from now on. */
  publish(...keys: readonly SigningKey[]): void;
  /** Gives every request this answer from now on; undefined answers with the keys again. */
  answerWith(answer: { readonly status: number; readonly body: string } | undefined): void;
  /** Answers no request from now on. */
  hang(): void;
  stop(): Promise<void>;
}

/** Serves a JWKS over HTTP on loopback, as an identity provider does. */
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

/** Changes to the claims of a test token; `undefined` leaves a claim out. */
export interface TokenChanges {
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

/** Returns the value of an `Authorization` header with a token that the key signed. */
export async function bearerOf(key: SigningKey, changes: TokenChanges = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT({ ...goodClaims, ...changes.claims })
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid })
    .setIssuer(changes.issuer ?? issuer)
    .setAudience(changes.audience ?? audience)
    .setIssuedAt(now);
  const expiry = 'expiresInSeconds' in changes ? changes.expiresInSeconds : 60;
  if (expiry !== undefined) token.setExpirationTime(now + expiry);
  if (changes.notBeforeSeconds !== undefined) token.setNotBefore(now + changes.notBeforeSeconds);
  return `Bearer ${await token.sign(key.privateKey)}`;
}
