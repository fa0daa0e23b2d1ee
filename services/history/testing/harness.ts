/** The history service on real servers, with people, exports and their files. */
import { randomUUID } from 'node:crypto';
import type { DevelopmentClaims } from '@waybill/auth';
import type { Permission } from '@waybill/domain';
import { exportSpec, sealedFor, succeeded } from '@waybill/fixtures';
import { ServiceHarness } from '@waybill/harness';
import { skippedListKey, type Storage } from '@waybill/object-storage';
import type { ExportActivity, ExportCompleted, ExportFile } from '@waybill/schemas';
import type { ServiceContext } from '@waybill/service';
import { waitFor, type Addresses, type RawBroker } from '@waybill/testbed';
import type { Db } from 'mongodb';
import { loadConfig, type HistoryConfig } from '../config.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { historyPath } from '../http/routes.ts';
import { collectionsOf, type Collections } from '../indexes.ts';
import { startHistory } from '../service.ts';

/** The claims of a session; the CRM has a membership with the same permissions. */
export type Person = Required<
  Pick<DevelopmentClaims, 'userId' | 'companyId' | 'organizationId' | 'permissions'>
> &
  Pick<DevelopmentClaims, 'email'>;

type Settings = Readonly<Record<string, string>>;

export class Harness implements AsyncDisposable {
  readonly collections: Collections;
  /** The product events so far. */
  readonly activities: readonly ExportActivity[];
  readonly #service: ServiceHarness<HistoryConfig>;

  private constructor(service: ServiceHarness<HistoryConfig>, activities: readonly ExportActivity[]) {
    this.#service = service;
    this.activities = activities;
    this.collections = collectionsOf(service.sandbox.database());
  }

  static async open(settings: Settings = {}, addresses: Partial<Addresses> = {}): Promise<Harness> {
    const service = await ServiceHarness.open({
      name: 'history',
      loadConfig,
      start: startHistory,
      addresses,
      settings: {
        PUBLIC_URL: 'https://crm.example',
        OUTBOX_EVERY_MS: '100',
        SWEEP_EVERY_MS: '100',
        REGISTER_AGAIN_AFTER_MS: '2500',
        ...settings,
      },
    });
    const { activities } = await service.events();
    return new Harness(service, activities);
  }

  get environment(): Settings {
    return this.#service.environment;
  }

  get storage(): Storage {
    return this.#service.sandbox.storage;
  }

  get bucket(): string {
    return this.#service.sandbox.bucket;
  }

  get raw(): RawBroker {
    return this.#service.sandbox.raw;
  }

  get database(): Db {
    return this.#service.sandbox.db;
  }

  /** Every line that the service has logged, at the lowest level. */
  get log(): readonly string[] {
    return this.#service.log;
  }

  get url(): string {
    return this.#service.url;
  }

  /** Starts the service and waits until its indexes exist: until then every request answers 503. */
  async start(settings: Settings = {}): Promise<void> {
    await this.#service.start(settings);
    await this.#service.waitUntilReady();
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  context(): ServiceContext {
    return this.#service.context();
  }

  publish(event: ExportCompleted): Promise<void> {
    return this.#service.publish(event);
  }

  /** Sets the company's alert threshold in the CRM. */
  threshold(companyId: string, rows: number): Promise<void> {
    return this.#service.sandbox.crm.tenant(companyId, { alert_threshold: rows });
  }

  /** Creates a person whose token and membership grant the same, until `hold` changes the membership. */
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

  /** Replaces the permissions of the person's membership in the CRM. */
  hold({ companyId, userId }: Person, permissions: readonly Permission[]): Promise<void> {
    return this.#service.sandbox.crm.membership({ companyId, userId, permissions });
  }

  async #store(file: ExportFile, content: string): Promise<void> {
    const upload = this.storage.openUpload({ ...file, contentType: file.content_type, fileName: file.name });
    await upload.write(Buffer.from(content));
    await upload.complete();
  }

  /** Returns an event of that person's export and uploads its file. */
  async exported(person: Person, changes: Partial<ExportCompleted> = {}): Promise<ExportCompleted> {
    const jobId = randomUUID();
    const made = succeeded({ completed_at: Date.now(), ...changes });
    const event = { ...made, job_id: jobId, company_id: person.companyId };
    const personal = await sealedFor(person.companyId, person.userId, {
      email: 'ani@example.com',
      name: 'Ani',
    });
    const spec = exportSpec({
      ...event.spec,
      user_id: person.userId,
      organization_id: person.organizationId,
      personal,
    });
    if (event.file === null) return { ...event, spec };
    const file = {
      ...event.file,
      bucket: this.bucket,
      key: `private/exports/test/${person.companyId}/${jobId}/1/contacts.xlsx`,
    };
    await this.#store(file, `the file of ${jobId}`);
    // As render does; the receipt of the fixture counts three.
    const skipped = ['gone-1', 'gone "2"', 'gone\n3'].map((id) => `${JSON.stringify(id)}\n`);
    await this.#store({ ...file, key: skippedListKey(file.key) }, skipped.join(''));
    return { ...event, spec, file };
  }

  /** Publishes an event and waits for its entry. */
  async register(event: ExportCompleted): Promise<EntryDocument> {
    await this.publish(event);
    return waitFor(
      () => this.collections.entries.findOne({ _id: event.job_id, attempt: { $gte: event.attempt } }),
      { limitMs: 20_000, what: `the entry of ${event.job_id}` },
    );
  }

  token(person: Person): Promise<string> {
    return this.#service.token(claimsOf(person));
  }

  /** Sends a request below the path of the history, as that person or without a token. */
  request(path: string, person: Person | undefined, init: RequestInit = {}): Promise<Response> {
    const claims = person === undefined ? undefined : claimsOf(person);
    return this.#service.request(`${historyPath}${path}`, claims, init);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#service[Symbol.asyncDispose]();
  }
}

function claimsOf(person: Person): DevelopmentClaims {
  return { email: 'clicker@example.com', ...person };
}
