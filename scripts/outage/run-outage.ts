import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDevelopmentIssuer, type DevelopmentIssuer } from '@waybill/auth';
import { createLogger } from '@waybill/observability';
import { startStack, waitFor, type RunningServer } from '@waybill/testbed';
import { ExportClient, type Endpoints } from '../demo/client.ts';
import {
  createCompany,
  recordMembers,
  requesterOf,
  type CrmAddress,
  type Requester,
} from '../local/company.ts';
import { startInstallation } from '../local/installation.ts';
import { crmDatabase, freshKeys } from '../local/settings.ts';
import { tokenClaims } from '../local/token.ts';
import type { Outage, OutageMode } from './options.ts';

/** What became of the accepted jobs. */
export interface OutageReport {
  readonly server: string;
  readonly mode: OutageMode;
  readonly seconds: number;
  /** Accepted jobs. */
  readonly jobs: number;
  readonly completed: number;
  readonly failed: number;
  /** Jobs without an end when the limit was reached. */
  readonly unfinished: number;
  /** Emails of all jobs; one for each is right. */
  readonly emails: number;
  /** From the return of the server to the last end and the last email; up to the limit where some are missing. */
  readonly seconds_to_settle: number;
}

/** One job as its own requester sees it. */
interface Job {
  readonly requester: Requester;
  readonly client: ExportClient;
  readonly body: Readonly<Record<string, unknown>>;
  id: string | undefined;
  status: string;
  emails: number;
}

/** How long jobs may take after the outage before they are reported as unfinished, in ms. */
const settleLimitMs = 300_000;
const ended = new Set(['completed', 'failed', 'cancelled']);

/** All services on servers of their own, one of which can be taken away at a time. */
export interface OutageInstallation extends AsyncDisposable {
  /**
   * Takes one server away while jobs run, brings it back, and waits until every job has ended.
   * @throws TestbedError if the server does not start again
   */
  run(outage: Outage): Promise<OutageReport>;
}

/**
 * Starts servers and services, and seeds a company of `rows` contacts, which every job exports.
 * @throws TestbedError if a server does not start
 */
export async function openOutageInstallation(
  rows: number,
  say: (line: string) => void,
): Promise<OutageInstallation> {
  await using starting = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'waybill-outage-'));
  starting.defer(() => rm(directory, { recursive: true, force: true }));
  // A killed server must come back with its data; no server of the environment is used.
  const stack = await startStack({ mongoBackend: 'h2', environment: {} });
  starting.defer(() => stack.stop());
  const issuer = await startDevelopmentIssuer({ directory: join(directory, 'issuer'), port: 0 });
  starting.defer(() => issuer.stop());
  const logger = createLogger({ service: 'outage', level: 'error' });
  const installation = await startInstallation({
    addresses: stack.addresses,
    issuer,
    prefix: '',
    keys: freshKeys(),
    // All jobs are of one company, and more than its five an hour.
    overrides: { RATE_LIMIT_POINTS: '1000000' },
    stateDirectory: directory,
    logger,
    onEvent: say,
  });
  starting.defer(() => installation.stop());
  const { intake, history, notify } = installation.services;
  const endpoints = {
    intake: intake.url,
    history: history.url,
    notify: notify.url,
    inbox: stack.addresses.inbox.url,
  };
  const crm = { mongoUrl: stack.addresses.mongo.url, database: crmDatabase(''), logger };
  await createCompany(crm, requesterOf('outage', 'first'), rows);
  const opened = starting.move();
  let users = 0;

  return {
    async run(outage) {
      const server = stack.servers[outage.server];
      if (server === undefined) throw new Error(`${outage.server} was not started`);
      const requesters = Array.from({ length: outage.jobs }, () => {
        users += 1;
        return requesterOf('outage', `user-${users}`);
      });
      const jobs = await prepareJobs(requesters, { endpoints, issuer, crm });
      return takeAway(server, jobs, outage, say);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function takeAway(
  server: RunningServer,
  jobs: readonly Job[],
  { mode, seconds }: Outage,
  say: (line: string) => void,
): Promise<OutageReport> {
  const early = jobs.slice(0, Math.ceil(jobs.length / 2));
  await Promise.all(early.map(accept));
  await waitFor(async () => (await Promise.all(early.map(look))).some((status) => status !== 'queued'), {
    limitMs: 60_000,
    everyMs: 20,
    what: 'a job to start',
  });
  say(`${server.name}: away for ${seconds} s (${mode}), ${early.length} jobs accepted`);
  await (mode === 'hang' ? server.signal('SIGSTOP') : server.stop('hard'));
  const late = Promise.all(jobs.slice(early.length).map(accept));
  await delay(seconds * 1_000);
  await (mode === 'hang' ? server.signal('SIGCONT') : server.start());
  const since = performance.now();
  await late;
  say(`${server.name}: back, ${jobs.length} jobs accepted`);

  const settled = async (): Promise<boolean> => {
    await Promise.all(jobs.map(look));
    return jobs.every(({ status, emails }) => ended.has(status) && emails > 0);
  };
  await waitFor(settled, { limitMs: settleLimitMs, everyMs: 250, what: 'all jobs to end' }).catch(
    () => false,
  );
  const secondsToSettle = Math.round((performance.now() - since) / 100) / 10;
  // A second email of a job would come soon after the first.
  await delay(2_000);
  await Promise.all(jobs.map(look));
  const count = (status: string): number => jobs.filter((job) => job.status === status).length;
  return {
    server: server.name,
    mode,
    seconds,
    jobs: jobs.length,
    completed: count('completed'),
    failed: count('failed') + count('cancelled'),
    unfinished: jobs.filter(({ status }) => !ended.has(status)).length,
    emails: jobs.reduce((sum, { emails }) => sum + emails, 0),
    seconds_to_settle: secondsToSettle,
  };
}

/** Asks until the job is accepted, with one idempotency key: a request whose answer was lost starts one job. */
async function accept(job: Job): Promise<void> {
  job.id = await waitFor(() => job.client.accept(job.body, job.requester.user), {
    limitMs: 7_200_000,
    everyMs: 500,
    what: `the job of ${job.requester.user} to be accepted`,
  });
}

/** Updates a job's status and emails; keeps the last ones while they cannot be read. */
async function look(job: Job): Promise<string> {
  const { id, client, requester } = job;
  if (id === undefined) return job.status;
  try {
    if (!ended.has(job.status)) job.status = (await client.status(id)).status;
    if (ended.has(job.status)) job.emails = await client.emails(requester.email, id);
  } catch {
    // The server that is away may be one that the answer needs.
  }
  return job.status;
}

async function prepareJobs(
  requesters: readonly Requester[],
  at: { readonly endpoints: Endpoints; readonly issuer: DevelopmentIssuer; readonly crm: CrmAddress },
): Promise<readonly Job[]> {
  await recordMembers(at.crm, requesters);
  return Promise.all(
    requesters.map(async (requester) => {
      const client = new ExportClient(at.endpoints, await at.issuer.token(tokenClaims(requester)));
      const layout = await client.defaultLayout();
      const body = {
        selection_mode: 'filtered',
        criterion: { filters: [{ field: 'id', op: 'exists', value: true }] },
        format: 'xlsx',
        layout_id: layout.id,
        selected_fields: layout.fields,
        timezone: 'Asia/Jakarta',
      };
      return { requester, client, body, id: undefined, status: 'queued', emails: 0 };
    }),
  );
}
