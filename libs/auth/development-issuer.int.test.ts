import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { silentLogger } from '@waybill/observability';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createAuthenticator,
  developmentIssuer,
  issueDevelopmentToken,
  startDevelopmentIssuer,
  type DevelopmentIssuer,
} from './index.ts';

let directory: string;
const started: DevelopmentIssuer[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'waybill-issuer-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((issuer) => issuer.stop()));
  await rm(directory, { recursive: true });
});

async function start(): Promise<DevelopmentIssuer> {
  const issuer = await startDevelopmentIssuer({ directory, port: 0 });
  started.push(issuer);
  return issuer;
}

function authenticatorOf(issuer: DevelopmentIssuer) {
  return createAuthenticator({ ...issuer, logger: silentLogger() });
}

const who = { userId: 'u1', companyId: 'c1' };

describe('the development issuer', () => {
  it('the development issuer issues tokens with defaults that an authenticator accepts', async () => {
    const issuer = await start();
    const caller = await authenticatorOf(issuer).caller(`Bearer ${await issuer.token(who)}`);
    expect(caller).toEqual({
      userId: 'u1',
      companyId: 'c1',
      organizationId: 'org-c1',
      permissions: ['contacts.export', 'contacts.export.history.company'],
      email: 'u1@example.com',
      locale: 'en',
    });
  });

  it('the development issuer includes every given claim in the token', async () => {
    const issuer = await start();
    const given = {
      ...who,
      organizationId: 'o7',
      permissions: ['contacts.export.admin'] as const,
      email: 'siti@example.com',
      name: 'Siti',
      locale: 'id' as const,
    };
    expect(await authenticatorOf(issuer).caller(`Bearer ${await issuer.token(given)}`)).toEqual(given);
  });

  it('the development issuer can issue a token that has expired', async () => {
    const issuer = await start();
    const token = await issuer.token({ ...who, expiresInSeconds: -60 });
    await expect(authenticatorOf(issuer).caller(`Bearer ${token}`)).rejects.toThrow('the token has expired');
  });

  it('the development issuer signs with the key of its directory, so tokens need no server and stay valid after it stops', async () => {
    const token = await issueDevelopmentToken(directory, who);
    const first = await start();
    await first.stop();
    const second = await start();
    await expect(authenticatorOf(second).caller(`Bearer ${token}`)).resolves.toMatchObject({ userId: 'u1' });
  });

  it('the development issuer stores the key readable by its owner only and publishes only the public half', async () => {
    const issuer = await start();
    const [file = '', ...others] = await readdir(directory);
    expect(others).toEqual([]);
    expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    const published = await (await fetch(issuer.jwksUrl)).text();
    // The file holds a JWK, whose d is the private half (RFC 8037 §2).
    const kept = JSON.parse(await readFile(join(directory, file), 'utf8')) as { readonly d: string };
    expect(kept.d).toMatch(/^[\w-]{43}$/);
    expect(published).not.toContain(kept.d);
    expect(JSON.parse(published)).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          alg: 'EdDSA',
          use: 'sig',
          kid: expect.any(String) as string,
          x: expect.any(String) as string,
        },
      ],
    });
  });

  it('the development issuer creates one key if several processes start at the same time', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => issueDevelopmentToken(directory, who)));
    const authenticator = authenticatorOf(await start());
    const callers = await Promise.all(tokens.map((token) => authenticator.caller(`Bearer ${token}`)));
    expect(callers).toHaveLength(8);
    expect(await readdir(directory)).toEqual(['signing-key.json']);
  });

  it('the development issuer serves nothing except its keys', async () => {
    const issuer = await start();
    expect((await fetch(`${issuer.url}/signing-key.json`)).status).toBe(404);
    expect((await fetch(issuer.jwksUrl, { method: 'POST' })).status).toBe(404);
  });

  it('the development issuer says what to do if its key is damaged or its port is taken', async () => {
    const issuer = await start();
    const port = Number(new URL(issuer.url).port);
    await expect(startDevelopmentIssuer({ directory, port })).rejects.toThrow(
      `cannot listen on port ${port}`,
    );
    await writeFile(join(directory, 'signing-key.json'), '{');
    await expect(issueDevelopmentToken(directory, who)).rejects.toThrow(
      'Remove it, and a new one is created.',
    );
  });
});

describe('the development issuer in production', () => {
  it('the development issuer does not start in production, issues no token, and is not trusted', async () => {
    const issuer = await start();
    vi.stubEnv('WAYBILL_MODE', undefined);
    const refused = { code: 'CONFIGURATION_INVALID' };
    await expect(startDevelopmentIssuer({ directory, port: 0 })).rejects.toMatchObject(refused);
    await expect(issueDevelopmentToken(directory, who)).rejects.toMatchObject(refused);
    expect(() => authenticatorOf(issuer)).toThrow('is refused in production');
  });

  it('the development issuer issues tokens that an authenticator of another issuer rejects', async () => {
    const issuer = await start();
    const token = await issuer.token(who);
    vi.stubEnv('WAYBILL_MODE', undefined);
    const authenticator = createAuthenticator({
      ...issuer,
      issuer: 'https://id.example',
      logger: silentLogger(),
    });
    await expect(authenticator.caller(`Bearer ${token}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('the development issuer does not start in a process that does not ask for development', async () => {
    const script = `import { startDevelopmentIssuer } from '@waybill/auth';
      await startDevelopmentIssuer({ directory: process.argv[1], port: 0 });`;
    const child = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, directory], {
      cwd: import.meta.dirname,
      env: { ...process.env, WAYBILL_MODE: '' },
    });
    await expect(child).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(developmentIssuer) as string,
    });
  });
});
