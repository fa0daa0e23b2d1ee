/** The service on real servers, under a prefix, databases and a bucket of its own. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentIssuer, type DevelopmentClaims, type DevelopmentIssuer } from '@waybill/auth';
import { createKafka, eventId, type EventProducer, type Kafka } from '@waybill/kafka';
import { createLogger, createMetrics, silentLogger } from '@waybill/observability';
import type { ExportActivity, ExportCompleted } from '@waybill/schemas';
import { createProbes, type RunningService, type ServiceContext } from '@waybill/service';
import { createStorage, type Storage } from '@waybill/object-storage';
import { openStore, type Store } from '@waybill/mongo';
import { sharedAddresses, toEnvironment, uniqueName, waitFor } from '@waybill/testbed';
import type { Permission } from '@waybill/domain';
import { RawBroker } from '@waybill/testbed';
import { loadConfig } from '../config.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { startHistory } from '../service.ts';
import { collectionsOf, type Collections } from '../indexes.ts';
import { sealedFor, succeeded, testJob, testKeys } from '@waybill/fixtures';

/** The claims of a session, with the membership that stands behind it. */
export type Person = Required<
  Pick<DevelopmentClaims, 'userId' | 'companyId' | 'organizationId' | 'permissions'>
>;

export class Harness implements AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
  readonly collections: Collections;
  readonly storage: Storage;
  readonly bucket: string;
  readonly raw: RawBroker;
  readonly activities: ExportActivity[] = [];
  /** Every line that the service has logged, at the lowest level. */
  readonly log: string[] = [];
  readonly #store: Store;
  readonly #crm: Store;
  readonly #kafka: Kafka;
  readonly #producer: EventProducer;
  readonly #issuer: DevelopmentIssuer;
  readonly #directory: string;
  #service: RunningService | undefined;

  private constructor(
    environment: Record<string, string>,
    issuer: DevelopmentIssuer,
    { directory, bucket }: { readonly directory: string; readonly bucket: string },
  ) {
    this.environment = environment;
    this.#issuer = issuer;
    this.#directory = directory;
    this.bucket = bucket;
    const config = loadConfig(environment);
    const logger = silentLogger();
    const url = config.MONGODB_URL;
    this.#store = openStore({ url, database: config.MONGODB_DATABASE, logger });
    this.#crm = openStore({ url, database: config.MONGODB_CRM_DATABASE, logger });
    this.collections = collectionsOf(this.#store);
    this.storage = createStorage({
      endpoint: config.S3_ENDPOINT,
      region: config.S3_REGION,
      accessKeyId: config.S3_ACCESS_KEY_ID,
      secretAccessKey: config.S3_SECRET_ACCESS_KEY,
      logger,
    });
    this.#kafka = createKafka({
      brokers: config.KAFKA_BROKERS,
      clientId: 'test',
      registryUrl: config.SCHEMA_REGISTRY_URL,
      prefix: config.TOPIC_PREFIX,
      logger,
      metrics: createMetrics('test', { processMetrics: false }),
    });
    this.#producer = this.#kafka.createProducer();
    this.raw = new RawBroker(config.KAFKA_BROKERS, config.TOPIC_PREFIX);
  }

  static async open(overrides: Readonly<Record<string, string>> = {}): Promise<Harness> {
    const directory = await mkdtemp(join(tmpdir(), 'history-'));
    const issuer = await startDevelopmentIssuer({ directory, port: 0 });
    const bucket = uniqueName('history');
    const environment = {
      ...toEnvironment(sharedAddresses()),
      TOPIC_PREFIX: `${uniqueName('history')}.`,
      MONGODB_DATABASE: uniqueName('history'),
      MONGODB_CRM_DATABASE: uniqueName('history-crm'),
      REGION_BUCKETS: `id=${bucket}`,
      AUTH_JWKS_URL: issuer.jwksUrl,
      AUTH_ISSUER: issuer.issuer,
      AUTH_AUDIENCE: issuer.audience,
      KEY_ENCRYPTION_KEYS: Object.entries(testKeys)
        .map(([id, key]) => `${id}:${key}`)
        .join(','),
      KEY_ENCRYPTION_KEY_ID: 'current',
      PUBLIC_URL: 'https://crm.example',
      RETRY_DELAYS_MS: '30s=300,5m=300,1h=300',
      OUTBOX_EVERY_MS: '100',
      SWEEP_EVERY_MS: '100',
      REGISTER_AGAIN_AFTER_MS: '2500',
      ...overrides,
    };
    const harness = new Harness(environment, issuer, { directory, bucket });
    await harness.#kafka.ensureTopics();
    await harness.storage.ensureBucket(harness.bucket);
    await harness.#watchActivities();
    return harness;
  }

  async start(overrides: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#service = await startHistory(loadConfig({ ...this.environment, ...overrides }), this.context());
  }

  context(): ServiceContext {
    return {
      logger: createLogger({
        service: 'history',
        level: 'debug',
        destination: { write: (line) => void this.log.push(line) },
      }),
      metrics: createMetrics('history', { processMetrics: false }),
      probes: createProbes(),
      signal: new AbortController().signal,
    };
  }

  /** What the CRM says of a company. */
  async threshold(companyId: string, rows: number): Promise<void> {
    const tenant = { organization_id: 'org-1', region: 'id', name: 'Acme', alert_threshold: rows };
    await this.#crm.db
      .collection<{ _id: string }>('tenants')
      .updateOne({ _id: companyId }, { $set: tenant }, { upsert: true });
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
    this.#service = undefined;
  }

  async publish(event: ExportCompleted): Promise<void> {
    await this.#producer.send('export.completed', {
      key: event.job_id,
      id: eventId(event.job_id, 'export.completed', event.attempt),
      type: 'export.completed',
      companyId: event.company_id,
      attempt: event.attempt,
      event,
      at: event.completed_at,
    });
  }

  /** A person whose token and membership say the same, until `hold` changes the membership. */
  async person(changes: Partial<Person> = {}): Promise<Person> {
    const person: Person = {
      userId: `user-${randomUUID()}`,
      companyId: `company-${randomUUID()}`,
      organizationId: 'org-1',
      permissions: ['contacts.export'],
      ...changes,
    };
    await this.hold(person, person.permissions);
    return person;
  }

  /** What the CRM's membership grants from now on. */
  async hold(person: Person, permissions: readonly Permission[]): Promise<void> {
    const { companyId, userId } = person;
    await this.#crm.db
      .collection<{ _id: string }>('memberships')
      .updateOne(
        { _id: `${companyId}:${userId}` },
        { $set: { company_id: companyId, user_id: userId, email: 'x@example.com', name: 'X', permissions } },
        { upsert: true },
      );
  }

  /** An event of that person's export, with its file in storage. */
  async exported(person: Person, changes: Partial<ExportCompleted> = {}): Promise<ExportCompleted> {
    const jobId = randomUUID();
    const made = succeeded({ completed_at: Date.now(), ...changes });
    const event = { ...made, job_id: jobId, company_id: person.companyId };
    const personal = await sealedFor(person.companyId, person.userId, {
      email: 'ani@example.com',
      name: 'Ani',
    });
    const job = testJob({
      ...event.spec,
      user_id: person.userId,
      organization_id: person.organizationId,
      personal,
    });
    if (event.file === null) return { ...event, spec: job };
    const file = {
      ...event.file,
      bucket: this.bucket,
      key: `private/exports/${person.companyId}/${jobId}/1/contacts.xlsx`,
    };
    const upload = this.storage.openUpload({ ...file, contentType: file.content_type, fileName: file.name });
    await upload.write(Buffer.from(`the file of ${jobId}`));
    await upload.complete();
    return { ...event, spec: job, file };
  }

  /** Publishes an event and waits for its entry. */
  async register(event: ExportCompleted): Promise<EntryDocument> {
    await this.publish(event);
    return waitFor(
      () => this.collections.entries.findOne({ _id: event.job_id, attempt: { $gte: event.attempt } }),
      { limitMs: 20_000, what: `the entry of ${event.job_id}` },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#service?.port ?? 0}`;
  }

  token(person: Person): Promise<string> {
    return this.#issuer.token({ ...person, email: 'clicker@example.com' });
  }

  async request(path: string, person: Person | undefined, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (person !== undefined) headers.set('Authorization', `Bearer ${await this.token(person)}`);
    return fetch(`${this.url}/iag/v1/contacts/export/history${path}`, {
      redirect: 'manual',
      ...init,
      headers,
    });
  }

  async #watchActivities(): Promise<void> {
    const watcher = this.#kafka.createConsumer({
      group: 'test.history.activities',
      service: 'intake',
      topics: ['export.activity'],
      handler: (message) => {
        this.activities.push(message.event);
        return Promise.resolve({ kind: 'done' });
      },
      retry: { kind: 'in-place', tries: 1, fromMs: 1, toMs: 1 },
    });
    await watcher.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#kafka.close();
    await this.raw.close();
    this.storage.close();
    for (const store of [this.#store, this.#crm]) {
      await store.db.dropDatabase();
      await store.close();
    }
    await this.#issuer.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
