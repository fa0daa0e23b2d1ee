/** Runs the service on real servers, with its own topic prefix and databases. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentIssuer, type DevelopmentClaims, type DevelopmentIssuer } from '@waybill/auth';
import { createKafka, eventId, type EventProducer, type Kafka } from '@waybill/kafka';
import { createMetrics, silentLogger } from '@waybill/observability';
import type { ExportActivity, ExportCompleted } from '@waybill/schemas';
import { createProbes, type RunningService, type ServiceContext } from '@waybill/service';
import { openStore, type Store } from '@waybill/mongo';
import { RawBroker, sharedAddresses, toEnvironment, uniqueName, waitFor } from '@waybill/testbed';
import type { Db } from 'mongodb';
import { loadConfig } from '../config.ts';
import { startNotify } from '../service.ts';
import { collectionsOf, type Collections } from '../indexes.ts';
import { testKeys } from '@waybill/fixtures';

export class Harness implements AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
  readonly collections: Collections;
  readonly kafka: Kafka;
  readonly raw: RawBroker;
  readonly activities: ExportActivity[] = [];
  /** The CRM's database: tenants and memberships. */
  readonly crm: Db;
  readonly #crmStore: Store;
  readonly #store: Store;
  readonly #producer: EventProducer;
  readonly #issuer: DevelopmentIssuer;
  readonly #directory: string;
  #service: RunningService | undefined;

  private constructor(environment: Record<string, string>, issuer: DevelopmentIssuer, directory: string) {
    this.environment = environment;
    this.#issuer = issuer;
    this.#directory = directory;
    const config = loadConfig(environment);
    const logger = silentLogger();
    this.#store = openStore({ url: config.MONGODB_URL, database: config.MONGODB_DATABASE, logger });
    this.collections = collectionsOf(this.#store);
    this.#crmStore = openStore({ url: config.MONGODB_URL, database: config.MONGODB_CRM_DATABASE, logger });
    this.crm = this.#crmStore.db;
    this.kafka = createKafka({
      brokers: config.KAFKA_BROKERS,
      clientId: 'test',
      registryUrl: config.SCHEMA_REGISTRY_URL,
      prefix: config.TOPIC_PREFIX,
      logger,
      metrics: createMetrics('test', { processMetrics: false }),
    });
    this.#producer = this.kafka.createProducer();
    this.raw = new RawBroker(config.KAFKA_BROKERS, config.TOPIC_PREFIX);
  }

  static async open(overrides: Readonly<Record<string, string>> = {}): Promise<Harness> {
    const directory = await mkdtemp(join(tmpdir(), 'notify-'));
    const issuer = await startDevelopmentIssuer({ directory, port: 0 });
    const environment = {
      ...toEnvironment(sharedAddresses()),
      TOPIC_PREFIX: `${uniqueName('notify')}.`,
      MONGODB_DATABASE: uniqueName('notify'),
      MONGODB_CRM_DATABASE: uniqueName('notify-crm'),
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
      LIVE_POLL_MS: '100',
      PUBLISH_AGAIN_AFTER_MS: '2500',
      ...overrides,
    };
    const harness = new Harness(environment, issuer, directory);
    await harness.kafka.ensureTopics();
    await harness.#watchActivities();
    return harness;
  }

  /** Starts the service and waits until it answers requests, unless MongoDB is down on purpose. */
  async start(
    overrides: Readonly<Record<string, string>> = {},
    { mongoIsUp = true }: { readonly mongoIsUp?: boolean } = {},
  ): Promise<void> {
    this.#service = await startNotify(loadConfig({ ...this.environment, ...overrides }), this.context());
    if (!mongoIsUp) return;
    const answers = async () => (await fetch(`${this.url}/openapi.json`)).ok;
    await waitFor(answers, { limitMs: 20_000, what: 'the indexes of notify' });
  }

  context(): ServiceContext {
    return {
      logger: silentLogger(),
      metrics: createMetrics('notify', { processMetrics: false }),
      probes: createProbes(),
      signal: new AbortController().signal,
    };
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
    this.#service = undefined;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#service?.port ?? 0}`;
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

  /** Publishes a product event of another service. */
  async publishActivity(event: ExportActivity): Promise<void> {
    await this.#producer.send('export.activity', {
      key: event.company_id,
      id: eventId(event.job_id ?? event.company_id, event.name, 1),
      type: event.name,
      companyId: event.company_id,
      attempt: 1,
      event,
      at: event.at,
    });
  }

  async request(
    path: string,
    claims: DevelopmentClaims | undefined,
    init: RequestInit = {},
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    if (claims !== undefined) headers.set('Authorization', `Bearer ${await this.#issuer.token(claims)}`);
    return fetch(`${this.url}${path}`, { ...init, headers });
  }

  async #watchActivities(): Promise<void> {
    const watcher = this.kafka.createConsumer({
      group: 'test.notify.activities',
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
    await this.kafka.close();
    await this.raw.close();
    for (const store of [this.#store, this.#crmStore]) {
      await store.db.dropDatabase();
      await store.close();
    }
    await this.#issuer.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Returns a job id, a person and an address that no other test uses. */
export function freshJob(): { readonly jobId: string; readonly email: string; readonly user: string } {
  const user = `user-${randomBytes(6).toString('hex')}`;
  return { jobId: randomUUID(), email: `${user}@example.com`, user };
}
