import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { ExportError } from '@waybill/errors';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** The `iss` of development tokens. No other issuer has it, so production can refuse it by name. */
export const developmentIssuer = 'urn:waybill:development';

/** The `aud` of development tokens. */
export const developmentAudience = 'waybill';

const fileName = 'signing-key.json';
const algorithm = 'EdDSA';

/** Throws ExportError('CONFIGURATION_INVALID') in production: whoever can read the directory could be anyone. */
export function refuseInProduction(): void {
  if (process.env['NODE_ENV'] === 'production') {
    throw new ExportError('CONFIGURATION_INVALID', {
      params: {
        reason: `The development issuer (${developmentIssuer}) is refused where NODE_ENV is production. Set AUTH_ISSUER and AUTH_JWKS_URL to those of your identity provider.`,
      },
    });
  }
}

/** The private key of a directory, made at first use; only its owner may read it (mode 0600). */
export async function developmentKey(directory: string): Promise<JWK> {
  const path = join(directory, fileName);
  return (await readKey(path)) ?? (await createKey(directory, path));
}

async function readKey(path: string): Promise<JWK | undefined> {
  try {
    // The file is ours; importKey() below refuses what is no key.
    return JSON.parse(await readFile(path, 'utf8')) as JWK;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ExportError('CONFIGURATION_INVALID', {
      params: { reason: `The development key ${path} cannot be read. Remove it to have a new one made.` },
      cause: error,
    });
  }
}

/** Written aside and linked into place, so that of two processes at once one wins and both read the whole key. */
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

/** The key as jose signs with it. */
export async function importKey(key: JWK): Promise<CryptoKey> {
  const imported = await importJWK(key, algorithm);
  if (imported instanceof Uint8Array) {
    throw new ExportError('CONFIGURATION_INVALID', {
      params: {
        reason: 'The development key is a secret, not a key pair. Remove it to have a new one made.',
      },
    });
  }
  return imported;
}

/** The public half: what may leave the directory. */
export function publicHalf({ kty, crv, x, kid, alg, use }: JWK): Record<string, unknown> {
  return { kty, crv, x, kid, alg, use };
}
