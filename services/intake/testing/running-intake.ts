import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentIssuer, type DevelopmentClaims } from '@waybill/auth';
import { seedCompany } from '@waybill/fixtures';
import { keyEncryptionFromSettings, type KeyEncryption } from '@waybill/crypto';
import { createKafka, type Kafka } from '@waybill/kafka';
import { createMetrics, type Metrics, silentLogger } from '@waybill/observability';
import { createProbes, type Readiness } from '@waybill/service';
import { openStore } from '@waybill/mongo';
import { sharedAddresses, toEnvironment, uniqueName, waitFor, type Addresses } from '@waybill/testbed';
import { companyId, organizationId, type CompanyId } from '@waybill/domain';
import type { Db } from 'mongodb';
import { loadConfig } from '../config.ts';
import { startIntake } from '../service.ts';
import { createCaller, type Caller } from './call.ts';

export interface IntakeOptions {
  /** Contacts of the company; 20 by default. */
  readonly contacts?: number;
  /** Largest export of the company, as an operator set it. */
  readonly cap?: number;
  readonly region?: string;
  /** Settings that differ from the tests' own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Servers of the test's own instead of the shared ones. */
  readonly addresses?: Partial<Addresses>;
  /** Called when everything is prepared: a server that is stopped here is down when the service starts. */
  readonly beforeStart?: () => Promise<void>;
}

/** The service in this process, on real servers, with a company, names and a database of its own. */
export interface RunningIntake extends Caller, AsyncDisposable {
  readonly url: string;
  readonly companyId: CompanyId;
  readonly prefix: string;
  readonly db: Db;
  readonly crm: Db;
  /** A client of the test's own, to see what the service sends and to send what it is to hear. */
  readonly kafka: Kafka;
  readonly metrics: Metrics;
  readonly keyEncryption: KeyEncryption;
  readiness(): Promise<Readiness>;
  stop(): Promise<void>;
}

const keys = {
  KEY_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
  KEY_ENCRYPTION_KEY_ID: 'test',
};

export async function startTestIntake(options: IntakeOptions = {}): Promise<RunningIntake> {
  const prefix = `${uniqueName('intake')}.`;
  const company = companyId(uniqueName('company'));
  const addresses = { ...sharedAddresses(), ...options.addresses };
  const directory = await mkdtemp(join(tmpdir(), 'waybill-intake-'));
  const issuer = await startDevelopmentIssuer({ directory, port: 0 });
  const logger = silentLogger();
  const config = loadConfig({
    ...toEnvironment(addresses),
    TOPIC_PREFIX: prefix,
    MONGODB_DATABASE: uniqueName('intake'),
    MONGODB_CRM_DATABASE: uniqueName('crm'),
    AUTH_JWKS_URL: issuer.jwksUrl,
    AUTH_ISSUER: issuer.issuer,
    AUTH_AUDIENCE: issuer.audience,
    ...keys,
    REGION_BUCKETS: 'id=waybill-id',
    FLAG_CONTACT_EXPORT: 'on',
    COUNT_LIMIT_MS: '5000',
    CONTACT_METADATA_TTL_MS: '0',
    RATE_LIMIT_POINTS: '1000',
    RELAY_EVERY_MS: '200',
    CANCEL_EVERY_MS: '200',
    EVENTS_POLL_MS: '200',
    ...options.environment,
  });
  const own = openStore({ url: config.MONGODB_URL, database: config.MONGODB_DATABASE, logger });
  const crm = openStore({ url: config.MONGODB_URL, database: config.MONGODB_CRM_DATABASE, logger });
  await seedCompany(crm.db, {
    companyId: company,
    organizationId: organizationId(`org-${company}`),
    contacts: options.contacts ?? 20,
    ...(options.cap === undefined ? {} : { cap: options.cap }),
    ...(options.region === undefined ? {} : { region: options.region }),
  });
  const metrics = createMetrics('intake', { processMetrics: false });
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    registryUrl: config.SCHEMA_REGISTRY_URL,
    clientId: 'intake-test',
    prefix,
    logger,
    metrics: createMetrics('test', { processMetrics: false }),
  });
  await kafka.ensureTopics();
  await options.beforeStart?.();
  const probes = createProbes();
  const stopping = new AbortController();
  const service = await startIntake(config, { logger, metrics, probes, signal: stopping.signal });
  const url = `http://127.0.0.1:${String(service.port)}`;
  if (options.beforeStart === undefined) {
    await waitFor(async () => (await probes.check()).ready, { limitMs: 30_000, what: 'intake to be ready' });
  }
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopping.abort();
    stopped ??= service.stop();
    return stopped;
  };
  const token = (claims: Partial<DevelopmentClaims> = {}) =>
    issuer.token({ userId: 'u1', companyId: company, ...claims });
  return {
    ...createCaller(url, token),
    url,
    companyId: company,
    prefix,
    db: own.db,
    crm: crm.db,
    kafka,
    metrics,
    keyEncryption: keyEncryptionFromSettings(keys),
    readiness: () => probes.check(),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await Promise.all([kafka.close(), issuer.stop()]);
      await Promise.all([own, crm].map((store) => store.db.dropDatabase().catch(() => undefined)));
      await Promise.all([own.close(), crm.close(), rm(directory, { recursive: true, force: true })]);
    },
  };
}
