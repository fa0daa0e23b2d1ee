import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBuilt } from './native/index.ts';
import { startServer } from './stack.ts';
import { freePort } from './start-server.ts';
import { makeCertificate } from './tls.ts';

const run = promisify(execFile);

/** A native broker that clients reach with TLS and SASL: PLAIN, SCRAM-SHA-512 and OAUTHBEARER. */
export interface SecureKafka extends AsyncDisposable {
  /** `host:port` of the listener SASL_SSL. */
  readonly brokers: string;
  /** The listener without security. */
  readonly plainBrokers: string;
  /** The certificate of the broker, which is its own authority. */
  readonly authority: string;
  readonly username: string;
  readonly password: string;
  /** Returns a token that the broker accepts: an unsecured JWS (RFC 7515 appendix A.5), valid for an hour. */
  token(): string;
}

const username = 'waybill';
const modules = 'org.apache.kafka.common.security';

/** Starts the broker with a certificate and a password of its own. Needs the native tools and openssl. */
export async function startSecureKafka(): Promise<SecureKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'waybill-secure-'));
  const { certificate, key } = await makeCertificate();
  const keystore = join(directory, 'keystore.pem');
  await writeFile(keystore, `${key}${certificate}`, { mode: 0o600 });
  const password = randomBytes(16).toString('hex');
  const address = `127.0.0.1:${String(await freePort())}`;
  const settings = brokerSettings(keystore, password);
  const server = await startServer('kafka', { mode: 'native', secureListener: { address, settings } });
  const plainBrokers = server.addresses.kafka.brokers;
  await addScramUser(plainBrokers, password).catch(async (error: unknown) => {
    await server.discard();
    throw error;
  });
  return {
    brokers: address,
    plainBrokers,
    authority: certificate,
    username,
    password,
    token: unsecuredToken,
    async [Symbol.asyncDispose]() {
      await server.discard();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function brokerSettings(keystore: string, password: string): Readonly<Record<string, string>> {
  const jaas = (mechanism: string, module: string, options = '') => ({
    [`listener.name.sasl_ssl.${mechanism}.sasl.jaas.config`]: `${modules}.${module} required${options};`,
  });
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'listener.name.sasl_ssl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512,OAUTHBEARER',
    ...jaas('plain', 'plain.PlainLoginModule', ` user_${username}="${password}"`),
    ...jaas('scram-sha-512', 'scram.ScramLoginModule'),
    ...jaas('oauthbearer', 'oauthbearer.OAuthBearerLoginModule', ' unsecuredLoginStringClaim_sub="broker"'),
  };
}

/** Adds the user of SCRAM, which the broker keeps in its metadata. */
async function addScramUser(brokers: string, password: string): Promise<void> {
  const built = await ensureBuilt(['kafka'], () => undefined);
  await run('java', [
    ...['-Xmx128m', '-cp', join(built, 'kafka', 'lib', '*'), 'kafka.admin.ConfigCommand'],
    ...['--bootstrap-server', brokers, '--alter', '--entity-type', 'users', '--entity-name', username],
    ...['--add-config', `SCRAM-SHA-512=[password=${password}]`],
  ]);
}

function unsecuredToken(): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: username, iat: now, exp: now + 3_600 })}.`;
}
