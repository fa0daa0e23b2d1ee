import type { DevelopmentClaims } from '@waybill/auth';
import type { KeyEncryption } from '@waybill/crypto';
import { seedCompany, testKeyEncryption } from '@waybill/fixtures';
import { ServiceHarness } from '@waybill/harness';
import type { Kafka } from '@waybill/kafka';
import type { Metrics } from '@waybill/observability';
import type { Readiness } from '@waybill/service';
import { uniqueName, type Addresses } from '@waybill/testbed';
import { companyId, organizationId, type CompanyId } from '@waybill/domain';
import type { Db } from 'mongodb';
import { loadConfig } from '../config.ts';
import { startIntake } from '../service.ts';
import { createCaller, type Caller } from './call.ts';

export interface IntakeOptions {
  /** Contacts of the company; 20 by default. */
  readonly contacts?: number;
  /** Largest export of the company. */
  readonly cap?: number;
  readonly region?: string;
  /** Settings to replace. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Dedicated servers to use instead of the shared ones. */
  readonly addresses?: Partial<Addresses>;
  /** Called before the service starts, to stop a server first. The service is not awaited to be ready then. */
  readonly beforeStart?: () => Promise<void>;
}

/** The service in this process, on real servers, with its own company, names and database. */
export interface RunningIntake extends Caller, AsyncDisposable {
  readonly url: string;
  readonly companyId: CompanyId;
  readonly db: Db;
  readonly crm: Db;
  /** A client of the test, to consume the events of the service and to send it events. */
  readonly kafka: Kafka;
  readonly metrics: Metrics;
  readonly keyEncryption: KeyEncryption;
  readiness(): Promise<Readiness>;
  stop(): Promise<void>;
}

/** Settings with short intervals, without a cache, and without an effective rate limit. */
const settings = {
  PUBLIC_URL: 'https://crm.example',
  FLAG_CONTACT_EXPORT: 'on',
  COUNT_LIMIT_MS: '5000',
  CONTACT_METADATA_TTL_MS: '0',
  RATE_LIMIT_POINTS: '1000',
  RELAY_EVERY_MS: '200',
  CANCEL_EVERY_MS: '200',
  EVENTS_POLL_MS: '200',
};

export async function startTestIntake(options: IntakeOptions = {}): Promise<RunningIntake> {
  const company = companyId(uniqueName('company'));
  const harness = await ServiceHarness.open({
    name: 'intake',
    loadConfig,
    start: startIntake,
    addresses: options.addresses,
    settings: { ...settings, ...options.environment },
  });
  const { sandbox } = harness;
  await seedCompany(sandbox.crm.db, {
    companyId: company,
    organizationId: organizationId(`org-${company}`),
    contacts: options.contacts ?? 20,
    ...(options.cap === undefined ? {} : { cap: options.cap }),
    ...(options.region === undefined ? {} : { region: options.region }),
  });
  await options.beforeStart?.();
  await harness.start();
  if (options.beforeStart === undefined) await harness.waitUntilReady();
  const { url, metrics } = harness;
  const token = (claims: Partial<DevelopmentClaims> = {}) =>
    harness.token({ userId: 'u1', companyId: company, ...claims });
  return {
    ...createCaller(url, token),
    url,
    companyId: company,
    db: sandbox.db,
    crm: sandbox.crm.db,
    kafka: sandbox.kafka,
    metrics,
    keyEncryption: testKeyEncryption(),
    readiness: () => harness.readiness(),
    stop: () => harness.stop(),
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}
