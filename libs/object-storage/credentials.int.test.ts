import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { defineSettings, loadSettings, s3Settings } from '@waybill/config';
import { silentLogger } from '@waybill/observability';
import { makeCertificate, sharedAddresses, startTlsFront, uniqueName } from '@waybill/testbed';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { storageFromSettings, type Storage } from './index.ts';

const { s3 } = sharedAddresses();
const bucket = uniqueName('credentials');
/** The profile and the metadata service of the machine, which these tests must not use. */
const nowhere = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

afterEach(() => {
  vi.unstubAllEnvs();
});

function stub(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries({ ...nowhere, ...environment })) vi.stubEnv(name, value);
}

function open(change: Readonly<Record<string, string>> = {}): Storage {
  const settings = loadSettings(defineSettings(s3Settings), {
    INSTALLATION_ID: 'main',
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    REGION_BUCKETS: `id=${bucket}`,
    ...change,
  });
  const storage = storageFromSettings(settings, { logger: silentLogger() });
  onTestFinished(() => storage.close());
  return storage;
}

describe('storage without S3_ACCESS_KEY_ID', () => {
  it('takes the key of the environment', async () => {
    stub({ AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey });
    await open().ensureBucket(bucket);
  });

  it('takes the key of a profile in the shared file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'waybill-credentials-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, 'credentials');
    await writeFile(
      file,
      `[exports]\naws_access_key_id=${s3.accessKeyId}\naws_secret_access_key=${s3.secretAccessKey}\n`,
    );
    stub({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'exports' });
    await open().ensureBucket(bucket);
  });

  it('rejects with STORAGE_UNAVAILABLE while no provider has a key, so that work waits', async () => {
    stub({});
    await expect(open().ping(bucket)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', retryable: true });
  });

  it('throws CONFIGURATION_INVALID at its start if only the secret is set', () => {
    expect(() => open({ S3_SECRET_ACCESS_KEY: 'secret' })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});

describe('storage over TLS', () => {
  it('is used once its certificate is trusted', async () => {
    const { hostname, port } = new URL(s3.endpoint);
    const certificate = await makeCertificate();
    await using front = await startTlsFront(certificate, { host: hostname, port: Number(port) });
    const secure = {
      S3_ENDPOINT: `https://${front.address}`,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    };
    await expect(open(secure).ensureBucket(bucket)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, certificate.certificate]);
    onTestFinished(() => setDefaultCACertificates(trusted));
    await open(secure).ensureBucket(bucket);
  });
});
