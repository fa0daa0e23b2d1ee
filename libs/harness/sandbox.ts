import { testKeySettings } from '@waybill/fixtures';
import { createKafka, type EventProducer, type Kafka } from '@waybill/kafka';
import { openStore, type Store } from '@waybill/mongo';
import { createStorage, type Storage } from '@waybill/object-storage';
import { createMetrics, silentLogger } from '@waybill/observability';
import { RawBroker, sharedAddresses, toEnvironment, uniqueName, type Addresses } from '@waybill/testbed';
import type { Db } from 'mongodb';
import { CrmDatabase } from './crm-database.ts';

export interface SandboxOptions {
  /** Prefix of all names, so that remaining data can be traced to its test. */
  readonly name: string;
  /** Dedicated servers to use instead of the shared ones. */
  readonly addresses?: Partial<Addresses> | undefined;
  /** Settings to add or to replace. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** A unique topic prefix, databases and a bucket on the shared servers. */
export class Sandbox implements AsyncDisposable {
  readonly name: string;
  readonly addresses: Addresses;
  /** The settings of a service in this sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  readonly topicPrefix: string;
  readonly bucket: string;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  /** The broker without our client, to send and read what our client does not allow. */
  readonly raw: RawBroker;
  readonly storage: Storage;
  readonly crm: CrmDatabase;
  readonly #stores = new Map<string, Store>();

  private constructor({ name, addresses, settings = {} }: SandboxOptions) {
    const logger = silentLogger();
    this.name = uniqueName(name);
    this.addresses = { ...sharedAddresses(), ...addresses };
    this.bucket = this.name;
    this.environment = {
      ...toEnvironment(this.addresses),
      ...testKeySettings,
      WAYBILL_MODE: 'development',
      TOPIC_PREFIX: `${this.name}.`,
      MONGODB_DATABASE: this.name,
      MONGODB_CRM_DATABASE: `${this.name}-crm`,
      INSTALLATION_ID: 'test',
      REGION_BUCKETS: `id=${this.bucket}`,
      ...settings,
    };
    this.topicPrefix = this.#setting('TOPIC_PREFIX');
    this.kafka = createKafka({
      brokers: this.addresses.kafka.brokers,
      clientId: 'test',
      registryUrl: this.addresses.registry.url,
      prefix: this.topicPrefix,
      logger,
      metrics: createMetrics('test', { processMetrics: false }),
    });
    this.producer = this.kafka.createProducer();
    this.raw = new RawBroker(this.addresses.kafka.brokers, this.topicPrefix);
    this.storage = createStorage({ ...this.addresses.s3, logger });
    this.crm = new CrmDatabase(this.database(this.#setting('MONGODB_CRM_DATABASE')).db);
  }

  /** Opens the clients, and creates the topics and the bucket. */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    const sandbox = new Sandbox(options);
    await Promise.all([
      // Few, so that the small broker of the tests stays fast.
      sandbox.kafka.ensureTopics({ jobPartitions: 6 }),
      sandbox.storage.ensureBucket(sandbox.bucket),
    ]);
    return sandbox;
  }

  /** Returns a client of a database that is dropped with the sandbox; by default that of the service. */
  database(name = this.#setting('MONGODB_DATABASE')): Store {
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const store = openStore({ url: this.addresses.mongo.url, database: name, logger: silentLogger() });
    this.#stores.set(name, store);
    return store;
  }

  /** Returns the database of the service. */
  get db(): Db {
    return this.database().db;
  }

  #setting(name: string): string {
    const value = this.environment[name];
    if (value === undefined) throw new Error(`The sandbox has no setting ${name}.`);
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kafka.close();
    // A dedicated broker may be stopped by now, and its topics with it.
    await this.raw.deleteTopics().catch(() => undefined);
    await this.raw.close();
    this.storage.close();
    await Promise.all(
      [...this.#stores.values()].map(async (store) => {
        // A dedicated MongoDB may have stopped, which removed its data.
        await store.db.dropDatabase().catch(() => undefined);
        await store.close();
      }),
    );
  }
}
