import { randomBytes, randomUUID } from 'node:crypto';
import type { DevelopmentClaims } from '@waybill/auth';
import { ServiceHarness, type CrmDatabase } from '@waybill/harness';
import type { Kafka } from '@waybill/kafka';
import type { ExportActivity, ExportCompleted } from '@waybill/schemas';
import type { ServiceContext } from '@waybill/service';
import type { Addresses, RawBroker } from '@waybill/testbed';
import { loadConfig, type NotifyConfig } from '../config.ts';
import { collectionsOf, type Collections } from '../indexes.ts';
import { startNotify } from '../service.ts';

type Settings = Readonly<Record<string, string>>;

/** Short delays, so that a test sees retries and sweeps at once. */
const testSettings: Settings = {
  PUBLIC_URL: 'https://crm.example',
  EMAIL_RETRY_FROM_MS: '100',
  EMAIL_RETRY_TO_MS: '400',
  EMAIL_POLL_MS: '100',
  EMAIL_LEASE_MS: '3000',
  SMTP_PROBE_MS: '400',
  OUTBOX_EVERY_MS: '100',
  SWEEP_EVERY_MS: '100',
  LIVE_POLL_MS: '100',
  PUBLISH_AGAIN_AFTER_MS: '2500',
};

/** Runs notify in a sandbox of its own, with its collections and the product events of the sandbox. */
export class Harness implements AsyncDisposable {
  readonly collections: Collections;
  /** All product events so far. */
  readonly activities: readonly ExportActivity[];
  readonly #harness: ServiceHarness<NotifyConfig>;

  private constructor(harness: ServiceHarness<NotifyConfig>, activities: readonly ExportActivity[]) {
    this.#harness = harness;
    this.collections = collectionsOf(harness.sandbox.database());
    this.activities = activities;
  }

  /** Prepares the sandbox. `addresses`: dedicated servers to use instead of the shared ones. */
  static async open(settings: Settings = {}, addresses: Partial<Addresses> = {}): Promise<Harness> {
    const harness = await ServiceHarness.open({
      name: 'notify',
      loadConfig,
      start: startNotify,
      settings: { ...testSettings, ...settings },
      addresses,
    });
    return new Harness(harness, (await harness.events()).activities);
  }

  /** Starts the service and waits until it is ready, unless a server is down on purpose. */
  async start(settings: Settings = {}, { awaitReady = true } = {}): Promise<void> {
    await this.#harness.start(settings);
    if (awaitReady) await this.#harness.waitUntilReady();
  }

  stop(): Promise<void> {
    return this.#harness.stop();
  }

  get environment(): Settings {
    return this.#harness.environment;
  }

  get crm(): CrmDatabase {
    return this.#harness.sandbox.crm;
  }

  get kafka(): Kafka {
    return this.#harness.sandbox.kafka;
  }

  get raw(): RawBroker {
    return this.#harness.sandbox.raw;
  }

  get url(): string {
    return this.#harness.url;
  }

  get operatorUrl(): string {
    return this.#harness.operatorUrl;
  }

  /** Every line that the service has logged, as JSON. */
  get log(): readonly string[] {
    return this.#harness.log;
  }

  /** Returns the metrics of the running service in the text format of Prometheus. */
  metrics(): Promise<string> {
    return this.#harness.metrics.registry.metrics();
  }

  context(): ServiceContext {
    return this.#harness.context();
  }

  request(path: string, claims: DevelopmentClaims | undefined, init?: RequestInit): Promise<Response> {
    return this.#harness.request(path, claims, init);
  }

  publish(event: ExportCompleted): Promise<void> {
    return this.#harness.publish(event);
  }

  publishActivity(event: ExportActivity): Promise<void> {
    return this.#harness.publishActivity(event);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#harness[Symbol.asyncDispose]();
  }
}

/** Returns a job id, a person and an address that no other test uses. */
export function freshJob(): { readonly jobId: string; readonly email: string; readonly user: string } {
  const user = `user-${randomBytes(6).toString('hex')}`;
  return { jobId: randomUUID(), email: `${user}@example.com`, user };
}
