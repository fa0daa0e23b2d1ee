import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { companyId, organizationId, userId } from '@waybill/domain';
import { seedCompany } from '@waybill/fixtures';
import { ServiceHarness, type CollectedEvents } from '@waybill/harness';
import type { ExportCompleted, ExportSpec, Topic } from '@waybill/schemas';
import { waitFor, type RawBroker } from '@waybill/testbed';
import type { Db } from 'mongodb';
import { loadConfig as loadIntake, type IntakeConfig } from '../../../services/intake/config.ts';
import { startIntake } from '../../../services/intake/service.ts';
import { loadConfig as loadNotify, type NotifyConfig } from '../../../services/notify/config.ts';
import { startNotify } from '../../../services/notify/service.ts';
import { emailsTo } from '../../../services/notify/testing/mailbox.ts';
import { loadConfig as loadRender, type RenderConfig } from '../../../services/render/config.ts';
import { startRender } from '../../../services/render/service.ts';
import { loadConfig as loadResolver, type ResolverConfig } from '../../../services/resolver/config.ts';
import { startResolver } from '../../../services/resolver/service.ts';
import { handmadeStream, type HandmadeStream } from '../../pipeline/testing/handmade.ts';

type Settings = Readonly<Record<string, string>>;

const publicUrl = 'https://crm.example';

/** A job is overdue after one second, and its request is published again every one to two seconds. */
const intakeSettings: Settings = {
  PUBLIC_URL: publicUrl,
  FLAG_CONTACT_EXPORT: 'on',
  COUNT_LIMIT_MS: '5000',
  RATE_LIMIT_POINTS: '1000',
  RELAY_EVERY_MS: '200',
  RECONCILE_EVERY_MS: '200',
  RECONCILE_AFTER_MS: '1000',
  RECONCILE_PAUSE_MAXIMUM_MS: '2000',
  RECONCILE_MAXIMUM_REPEATS: '1000',
};

const exportAll = {
  selection_mode: 'all',
  format: 'csv',
  layout_id: 'default',
  selected_fields: ['id', 'first_name', 'email'],
};

/** The fields of a job in intake's database that the tests look at. */
export interface StoredJob {
  readonly _id: string;
  readonly status: string;
  readonly active_key?: string;
  readonly held_bytes: number;
  readonly repeats: { readonly count: number; readonly action: string } | null;
  readonly failure: { readonly code: string } | null;
  readonly request: { readonly spec: ExportSpec };
}

/** A job that was accepted, and the person who asked for it. */
export interface AcceptedJob {
  readonly id: string;
  readonly email: string;
}

/** Intake, resolver, render and notify in this process; none of them is started. */
export class PipelineInstallation implements AsyncDisposable {
  readonly intake: ServiceHarness<IntakeConfig>;
  readonly resolver: ServiceHarness<ResolverConfig>;
  readonly render: ServiceHarness<RenderConfig>;
  readonly notify: ServiceHarness<NotifyConfig>;
  readonly events: CollectedEvents;
  readonly #company = `company-${randomUUID()}`;

  private constructor(
    services: Pick<PipelineInstallation, 'intake' | 'resolver' | 'render' | 'notify' | 'events'>,
  ) {
    this.intake = services.intake;
    this.resolver = services.resolver;
    this.render = services.render;
    this.notify = services.notify;
    this.events = services.events;
  }

  static async open({ contacts }: { readonly contacts: number }): Promise<PipelineInstallation> {
    const intake = await ServiceHarness.open({
      name: 'intake',
      loadConfig: loadIntake,
      start: startIntake,
      settings: intakeSettings,
    });
    const { TOPIC_PREFIX = '', MONGODB_CRM_DATABASE = '', REGION_BUCKETS = '' } = intake.environment;
    const shared = { TOPIC_PREFIX, MONGODB_CRM_DATABASE, REGION_BUCKETS, SWEEP_EVERY_MS: '600000' };
    const resolver = await ServiceHarness.open({
      name: 'resolver',
      loadConfig: loadResolver,
      start: startResolver,
      settings: { ...shared, BATCH_TARGET_BYTES: '2048', BATCH_MAXIMUM_BYTES: '4096' },
    });
    const render = await ServiceHarness.open({
      name: 'render',
      loadConfig: loadRender,
      start: startRender,
      settings: { ...shared, OUTBOX_EVERY_MS: '100' },
    });
    const notify = await ServiceHarness.open({
      name: 'notify',
      loadConfig: loadNotify,
      start: startNotify,
      settings: { ...shared, PUBLIC_URL: publicUrl },
    });
    const events = await intake.events();
    const installation = new PipelineInstallation({ intake, resolver, render, notify, events });
    await seedCompany(intake.sandbox.crm.db, {
      companyId: companyId(installation.#company),
      organizationId: organizationId('org-1'),
      contacts,
      user: {
        userId: userId('rina'),
        email: 'rina@example.com',
        name: 'Rina',
        locale: 'en',
        permissions: ['contacts.export'],
      },
    });
    return installation;
  }

  /** Requests an export as CSV. Its requester has an email address that no other job has. */
  async request(): Promise<AcceptedJob> {
    const email = `${randomUUID()}@example.com`;
    const person = { userId: 'rina', companyId: this.#company, organizationId: 'org-1', email };
    const post = async () => {
      const response = await this.intake.request('/iag/v1/contacts/export', person, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(exportAll),
      });
      return (await response.json()) as { readonly job_id?: string };
    };
    // Intake answers 503 until its indexes exist.
    const id = await waitFor(async () => (await post()).job_id, { limitMs: 30_000, what: 'the job' });
    return { id, email };
  }

  /** Erases the requester of all jobs in intake. Returns the number of jobs that remain. */
  async erase(): Promise<number> {
    const company = this.#company;
    const operator = {
      userId: 'operator',
      companyId: company,
      permissions: ['contacts.export.erase'],
    } as const;
    const response = await this.intake.request('/iag/v1/contacts/export/erasures', operator, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ company_id: company, user_id: 'rina' }),
    });
    const body = (await response.json()) as { readonly remaining: { readonly jobs: number } };
    return body.remaining.jobs;
  }

  /** Returns the job once intake has stored its end. */
  async ended(id: string): Promise<StoredJob> {
    return this.#storedWhen(id, ({ status }) => status !== 'queued' && status !== 'processing', 'end');
  }

  /** Waits until the request of a job was published again so often. */
  async repeated(id: string, times: number): Promise<StoredJob> {
    return this.#storedWhen(id, ({ repeats }) => (repeats?.count ?? 0) >= times, `repeat ${times}`);
  }

  /** Does to a topic what retention does: every message that it has now is gone. */
  async deleteAll(topic: Topic): Promise<void> {
    for (const [partition, end] of await this.raw.ends(topic)) {
      await this.raw.deleteBelow(topic, partition, end);
    }
  }

  /** Waits until the resolver has sent the end of a job. */
  async resolved(id: string): Promise<void> {
    await waitFor(() => this.events.batchesOf(id).some(({ kind }) => kind === 'end'), {
      limitMs: 30_000,
      what: 'the end of the batches',
    });
  }

  /** Returns the stream of a job, to be sent message by message instead of by the resolver. */
  async streamOf({ id }: AcceptedJob): Promise<HandmadeStream> {
    const { environment, sandbox } = this.intake;
    const { request } = await this.#storedWhen(id, () => true, 'record');
    const { producer } = sandbox;
    return handmadeStream({ environment, producer }, id, { company: this.#company, spec: request.spec });
  }

  /** Returns the number of emails for a job, once there is one. */
  async emails({ email }: AcceptedJob): Promise<number> {
    await waitFor(async () => (await emailsTo(email)).length > 0, { limitMs: 30_000, what: 'the email' });
    return (await emailsTo(email)).length;
  }

  /** Returns the lines of a file after its header, and the keys of all objects of the job. */
  async fileOf({ job_id: id, file }: ExportCompleted) {
    if (file === null) throw new Error('The job has no file.');
    const { storage, bucket } = this.intake.sandbox;
    const text = (await buffer(await storage.read(file))).toString('utf8');
    const objects = await Array.fromAsync(storage.list(bucket, ''));
    return {
      rows: text.trimEnd().split('\r\n').length - 1,
      keys: objects.map(({ key }) => key).filter((key) => key.includes(id)),
    };
  }

  get raw(): RawBroker {
    return this.intake.sandbox.raw;
  }

  get #jobs() {
    const db: Db = this.intake.sandbox.db;
    return db.collection<StoredJob>('jobs');
  }

  #storedWhen(id: string, condition: (job: StoredJob) => boolean, what: string): Promise<StoredJob> {
    const find = async () => {
      const job = await this.#jobs.findOne({ _id: id });
      return job !== null && condition(job) ? job : undefined;
    };
    return waitFor(find, { limitMs: 45_000, what: `${what} of job ${id}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of [this.notify, this.render, this.resolver, this.intake]) {
      await service[Symbol.asyncDispose]();
    }
  }
}
