/** An issuer of tokens for the demo and for tests. It is refused in production: the process that can read its directory can be anyone. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Locale, Permission } from '@waybill/domain';
import { ExportError } from '@waybill/errors';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';

/** The `iss` of development tokens. No other issuer has it, so that production can refuse it by name. */
export const developmentIssuer = 'urn:waybill:development';

/** The `aud` of development tokens. */
export const developmentAudience = 'waybill';

/** Person and permissions of a development token. */
export interface DevelopmentClaims {
  readonly userId: string;
  readonly companyId: string;
  /** `org-COMPANY` by default. */
  readonly organizationId?: string;
  /** The permission to export and to see the company's history by default. */
  readonly permissions?: readonly Permission[];
  /** `USER@example.com` by default: a domain that never receives mail (RFC 2606). Null leaves the claim out. */
  readonly email?: string | null;
  readonly name?: string;
  readonly locale?: Locale;
  /** Lifetime in seconds; 12 h by default, a working day. A negative number creates a token that has expired. */
  readonly expiresInSeconds?: number;
}

export interface DevelopmentIssuerOptions {
  /** Folder of the signing key. Tokens can be issued from it without the server, and stay valid after it stops. */
  readonly directory: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface DevelopmentIssuer {
  readonly url: string;
  /** The setting AUTH_JWKS_URL of the services. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  token(claims: DevelopmentClaims): Promise<string>;
  stop(): Promise<void>;
}

const algorithm = 'EdDSA';
const fileName = 'signing-key.json';
const keysPath = '/.well-known/jwks.json';
const twelveHours = 12 * 60 * 60;

/**
 * Serves the public key of a directory on loopback.
 * @throws ExportError CONFIGURATION_INVALID in production, or if the port is taken.
 */
export async function startDevelopmentIssuer(options: DevelopmentIssuerOptions): Promise<DevelopmentIssuer> {
  refuseInProduction();
  const key = await developmentKey(options.directory);
  const body = JSON.stringify({ keys: [publicHalf(key)] });
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === keysPath;
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? body : '{}');
  });
  const port = await listen(server, options.port);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    jwksUrl: `${url}${keysPath}`,
    issuer: developmentIssuer,
    audience: developmentAudience,
    token: (claims) => issueDevelopmentToken(options.directory, claims),
    stop: () => close(server),
  };
}

/**
 * Signs a token with the key of the directory; needs no server.
 * @throws ExportError CONFIGURATION_INVALID in production, or if the key cannot be read.
 */
export async function issueDevelopmentToken(directory: string, claims: DevelopmentClaims): Promise<string> {
  refuseInProduction();
  const key = await developmentKey(directory);
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT({
    company_id: claims.companyId,
    organization_id: claims.organizationId ?? `org-${claims.companyId}`,
    permissions: claims.permissions ?? ['contacts.export', 'contacts.export.history.company'],
    ...(claims.email === null ? {} : { email: claims.email ?? `${claims.userId}@example.com` }),
    ...(claims.name === undefined ? {} : { name: claims.name }),
    locale: claims.locale ?? 'en',
  })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .setIssuer(developmentIssuer)
    .setAudience(developmentAudience)
    .setSubject(claims.userId)
    .setIssuedAt(now)
    .setExpirationTime(now + (claims.expiresInSeconds ?? twelveHours));
  return token.sign(await importKey(key));
}

/**
 * Refuses the development issuer unless WAYBILL_MODE is development.
 * @throws ExportError CONFIGURATION_INVALID.
 */
export function refuseInProduction(): void {
  if (process.env['WAYBILL_MODE'] !== 'development') {
    throw new ExportError('CONFIGURATION_INVALID', {
      params: {
        reason: `The development issuer (${developmentIssuer}) is refused in production. Set AUTH_ISSUER and AUTH_JWKS_URL to those of your identity provider, or WAYBILL_MODE=development on a machine of your own.`,
      },
    });
  }
}

/** Returns the private key of a directory and creates it at first use. Only its owner can read it (mode 0600). */
async function developmentKey(directory: string): Promise<JWK> {
  const path = join(directory, fileName);
  return (await readKey(path)) ?? (await createKey(directory, path));
}

async function readKey(path: string): Promise<JWK | undefined> {
  try {
    // The file is ours; importKey() below refuses anything that is not a key.
    return JSON.parse(await readFile(path, 'utf8')) as JWK;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ExportError('CONFIGURATION_INVALID', {
      params: { reason: `The development key ${path} cannot be read. Remove it, and a new one is created.` },
      cause: error,
    });
  }
}

/** Creates the key of a directory. Links a finished draft, so that two processes at the same time use the same key. */
async function createKey(directory: string, path: string): Promise<JWK> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key: JWK = { ...jwk, alg: algorithm, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(key), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return key;
  } catch (error) {
    const winner = await readKey(path);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    await rm(draft, { force: true });
  }
}

async function importKey(key: JWK): Promise<CryptoKey> {
  const imported = await importJWK(key, algorithm);
  if (imported instanceof Uint8Array) {
    throw new ExportError('CONFIGURATION_INVALID', {
      params: {
        reason: 'The development key is a secret, not a key pair. Remove it, and a new one is created.',
      },
    });
  }
  return imported;
}

/** Returns the public half, which is the only part that other processes may read. */
function publicHalf({ kty, crv, x, kid, alg, use }: JWK): Record<string, unknown> {
  return { kty, crv, x, kid, alg, use };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const reason = `The development issuer cannot listen on port ${port}. Choose another port, or 0 for any free one.`;
      reject(new ExportError('CONFIGURATION_INVALID', { params: { reason }, cause }));
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
