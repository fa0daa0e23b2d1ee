import { randomUUID } from 'node:crypto';
import { companyId, jobId, organizationId, userId, type Permission } from '@waybill/domain';
import { exportSpec, recordMember, sampleProgress, sealedFor, seedCompany } from '@waybill/fixtures';
import { collectEvents, Sandbox, type CollectedEvents } from '@waybill/harness';
import { eventId, type EventProducer } from '@waybill/kafka';
import type { Storage } from '@waybill/object-storage';
import { cancelKey } from '@waybill/redis';
import type { ExportRequested, ExportSpec } from '@waybill/schemas';
import type { Addresses, RawBroker } from '@waybill/testbed';
import { Redis } from 'ioredis';
import type { Db } from 'mongodb';

/** Thirty fields. The id is first, so that each row of a file can be checked. */
export const fields: readonly string[] = [
  'id first_name last_name email phone mobile_phone source status tags owner companies deals job_title website address',
  'city postal_code birth_date is_subscribed lead_score lifetime_value discount_rate notes last_contacted_at created_at',
  'updated_at loyalty_tier annual_budget contract_start national_id',
]
  .join(' ')
  .split(' ');

/** Changes to an export of all contacts as CSV. */
export type RequestOptions = Partial<
  Pick<ExportRequested, 'ids' | 'excluded_ids' | 'cap' | 'attempt' | 'repeat'>
> & {
  readonly company: string;
  readonly spec?: Partial<ExportSpec>;
  readonly criterion?: unknown;
  readonly jobId?: string;
};

/** An installation of resolver and render on the shared servers, with unique names. */
export interface Installation extends AsyncDisposable {
  /** Environment of the services. `MONGODB_DATABASE` is added for each. */
  readonly environment: Readonly<Record<string, string>>;
  readonly producer: EventProducer;
  readonly events: CollectedEvents;
  readonly storage: Storage;
  readonly bucket: string;
  readonly raw: RawBroker;
  /** Returns the database of a service or of the CRM. */
  database(name: 'resolver' | 'render' | 'crm'): Db;
  seed(company: string, contacts: number): Promise<void>;
  /** Replaces the permissions of the requester in a company. */
  permit(company: string, permissions: readonly Permission[]): Promise<void>;
  /** Requests an export like intake and returns the job id. */
  request(options: RequestOptions): Promise<string>;
  /** Returns the event that `request` sends. */
  describe(job: string, options: RequestOptions): Promise<ExportRequested>;
  /** Returns ids of jobs whose messages are on one partition. */
  jobsOnOnePartition(count: number): Promise<readonly string[]>;
  cancel(job: string): Promise<void>;
  /** Gives the topics of requests and batches more partitions; they have 6. */
  widenTopics(partitions: number): Promise<void>;
}

const requester = userId('rina');

/** Opens an installation. `addresses` are those of dedicated servers. */
export async function openInstallation(addresses?: Partial<Addresses>): Promise<Installation> {
  const sandbox = await Sandbox.open({
    name: 'pipeline',
    addresses,
    settings: {
      // These processes never get a request for an erasure, so they never fetch the keys of an issuer.
      AUTH_JWKS_URL: 'http://127.0.0.1:9/jwks',
      AUTH_ISSUER: 'test',
      AUTH_AUDIENCE: 'test',
      LOG_LEVEL: 'info',
    },
  });
  const { producer, raw, storage, bucket } = sandbox;
  let intake = producer;
  const events = await collectEvents(sandbox.kafka);
  const redis = new Redis(sandbox.addresses.redis.url);
  const member = (permissions: readonly Permission[]) => ({
    userId: requester,
    email: 'rina@example.test',
    name: 'Rina',
    locale: 'en' as const,
    permissions,
  });

  return {
    environment: sandbox.environment,
    producer,
    events,
    storage,
    bucket,
    raw,
    database: (service) =>
      service === 'crm' ? sandbox.crm.db : sandbox.database(`${sandbox.name}-${service}`).db,
    seed: (company, contacts) =>
      seedCompany(sandbox.crm.db, {
        companyId: companyId(company),
        organizationId: organizationId('org'),
        contacts,
        user: member(['contacts.export']),
      }),
    permit: (company, permissions) =>
      recordMember(sandbox.crm.db, companyId(company), organizationId('org'), member(permissions)),
    async request(options) {
      const id = options.jobId ?? randomUUID();
      const event = await requested(id, options);
      const topic = event.spec.lane === 'bulk' ? 'export.requested.bulk' : 'export.requested';
      await intake.send(topic, {
        key: id,
        id: eventId(id, 'export.requested', event.attempt),
        type: 'export.requested',
        companyId: event.company_id,
        attempt: event.attempt,
        at: Date.now(),
        event,
      });
      return id;
    },
    describe: (job, options) => requested(job, options),
    jobsOnOnePartition: (count) => jobsOnOnePartition(producer, raw, count),
    async cancel(job) {
      await redis.set(cancelKey(jobId(job), 1), '1', 'EX', 600);
    },
    async widenTopics(partitions) {
      await sandbox.kafka.ensureTopics({ jobPartitions: partitions });
      // The other producer knows the old number of partitions for five minutes.
      intake = sandbox.kafka.createProducer();
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** Finds keys of one partition. A key has the same partition on every topic, so probes of one topic are enough. */
async function jobsOnOnePartition(
  producer: EventProducer,
  raw: RawBroker,
  count: number,
): Promise<readonly string[]> {
  const candidates = Array.from({ length: count * 12 }, () => randomUUID());
  for (const key of candidates) await producer.send('export.progress', sampleProgress(key, 0));
  const found = await raw.read('export.progress');
  const byPartition = Map.groupBy(
    found.filter(({ key }) => candidates.some((candidate) => candidate === key)),
    ({ partition }) => partition,
  );
  const together = [...byPartition.values()].find((messages) => messages.length >= count);
  if (together === undefined) throw new Error(`No partition has ${count} of ${candidates.length} keys.`);
  return together.slice(0, count).map(({ key }) => key);
}

async function requested(id: string, options: RequestOptions): Promise<ExportRequested> {
  const { criterion } = options;
  const personal = { email: 'rina@example.test', ...(criterion === undefined ? {} : { criterion }) };
  return {
    job_id: id,
    company_id: options.company,
    attempt: options.attempt ?? 1,
    ids: options.ids ?? [],
    excluded_ids: options.excluded_ids ?? [],
    created_from: null,
    created_before: null,
    cap: options.cap ?? 1_000_000,
    repeat: options.repeat ?? null,
    spec: exportSpec({
      organization_id: 'org',
      user_id: requester,
      requested_at: Date.now(),
      selection_mode: options.ids === undefined ? 'all' : 'ids',
      fields,
      format: 'csv',
      csv: { delimiter: ',', bom: false, decimal_comma: false },
      ...options.spec,
      personal: await sealedFor(options.company, requester, personal),
    }),
  };
}
