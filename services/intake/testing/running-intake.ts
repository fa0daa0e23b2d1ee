import type { DevelopmentClaims } from '@waybill/auth';
import type { KeyEncryption } from '@waybill/crypto';
import { seedCompany, testKeyEncryption } from '@waybill/fixtures';
import { ServiceHarness } from '@waybill/harness';
import type { Kafka } from '@waybill/kafka';
import type { Metrics } from '@waybill/observability';
import type { Readiness } from '@waybill/service';
import { uniqueName, type Addresses } from '@waybill/testbed';
import { companyId, organizationId, type CompanyId, type Permission } from '@waybill/domain';
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
  /** Where /livez, /readyz and /metrics are. */
  readonly operatorUrl: string;
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

/** The permissions of a token for which a test names none; the CRM has a membership with the same. */
const defaultPermissions: readonly Permission[] = ['contacts.export', 'contacts.export.history.company'];

/** Settings with short intervals, without a cache, and without an effective rate limit. */
const settings = {
  PERMISSION_TTL_MS: '0',
  PUBLIC_URL: 'https://crm.example',
  FLAG_CONTACT_EXPORT: 'on',
  COUNT_LIMIT_MS: '5000',
  SEARCH_LIMIT_MS: '10000',
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
  const { url, operatorUrl, metrics } = harness;
  const members = new Map<string, string>();
  const token = async (claims: Partial<DevelopmentClaims> = {}) => {
    const person = { userId: 'u1', companyId: company, permissions: defaultPermissions, ...claims };
    const [key, held] = [`${person.companyId} ${person.userId}`, person.permissions.join()];
    if (members.get(key) !== held) {
      // A test may have stopped MongoDB. The service answers 503 then.
      const { companyId: of, userId, permissions } = person;
      const stored = await sandbox.crm.membership({ companyId: of, userId, permissions }).then(
        () => true,
        () => false,
      );
      if (stored) members.set(key, held);
    }
    return harness.token(person);
  };
  return {
    ...createCaller(url, token),
    url,
    operatorUrl,
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
