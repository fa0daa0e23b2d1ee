import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDevelopmentIssuer, type DevelopmentIssuer } from '@waybill/auth';
import { silentLogger } from '@waybill/observability';
import { createStorage, installationPrefix } from '@waybill/object-storage';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ExportClient } from './demo/client.ts';
import { exportOnce } from './demo/export-once.ts';
import { createCompany, requesterOf, type Requester } from './local/company.ts';
import { startInstallation, type Installation } from './local/installation.ts';
import {
  bucketOf,
  crmDatabase,
  defaultRegion,
  freshKeys,
  installationOf,
  serviceEnvironment,
  type InstallationSettings,
} from './local/settings.ts';
import { tokenClaims } from './local/token.ts';

/** The right to delete, on an installation of its own. Every service is a process, as in production. */
const prefix = `${uniqueName('erase')}.`;
const directory = mkdtempSync(join(tmpdir(), 'waybill-erase-'));
const logger = silentLogger();
const addresses = sharedAddresses();
const crm = { mongoUrl: addresses.mongo.url, database: crmDatabase(prefix), logger };
const storage = createStorage({ ...addresses.s3, logger });
const keys = freshKeys();
let issuer: DevelopmentIssuer;
let installation: Installation;

beforeAll(async () => {
  issuer = await startDevelopmentIssuer({ directory: join(directory, 'issuer'), port: 0 });
  const options = { addresses, issuer, prefix, keys, stateDirectory: directory, logger };
  installation = await startInstallation({ ...options, onEvent: () => undefined });
});
afterAll(async () => {
  await installation.stop();
  await issuer.stop();
  storage.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly output: string;
}

interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with everything written so far. */
  readonly onOutput?: (output: string) => void;
}

function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    const env = { ...process.env, ...options.environment };
    const child = execFile(process.execPath, [path, ...args], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, output: stdout + stderr });
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => options.onOutput?.((output += String(chunk))));
    }
  });
}

const services = ['intake', 'resolver', 'render', 'history', 'notify'] as const;

interface EraseOptions extends RunOptions {
  /** Addresses that replace those of the installation. */
  readonly urls?: Readonly<Record<string, string>>;
}

/** Runs the command as an administrator of the company. */
async function erase({ company: id }: Requester, args: readonly string[], options: EraseOptions = {}) {
  const urls = services.flatMap((name) => [
    `--${name}`,
    options.urls?.[name] ?? installation.services[name].url,
  ]);
  const admin = requesterOf(id, 'operator', ['contacts.export.erase']);
  const token = await issuer.token(tokenClaims(admin));
  return run('./erase.ts', [...urls, '--token', token, ...args], options);
}

/** The number of contacts of a company. */
const rows = 40;

/** Creates a company with contacts and a member with the permission to export only. */
async function company(): Promise<Requester> {
  const requester = requesterOf(uniqueName('company'), uniqueName('rina'), ['contacts.export']);
  await createCompany(crm, requester, rows);
  return requester;
}

async function clientOf(requester: Requester): Promise<ExportClient> {
  const { intake, history, notify } = installation.services;
  const endpoints = { intake: intake.url, history: history.url, notify: notify.url };
  return new ExportClient(
    { ...endpoints, inbox: addresses.inbox.url },
    await issuer.token(tokenClaims(requester)),
  );
}

/** Completes an export, with its file, entry and notification. */
async function exported(requester: Requester) {
  const client = await clientOf(requester);
  const options = { rows, format: 'csv' as const, timezone: 'UTC', out: directory, json: false };
  const { jobId } = await exportOnce(client, options);
  await waitFor(async () => (await client.notifications(jobId)) === 1, {
    limitMs: 30_000,
    what: 'the notification',
  });
  return { client, jobId };
}

/** Starts an export that cannot end before `resume()`, since render is paused. */
async function exporting(requester: Requester) {
  const pid = installation.services.render.pid();
  if (pid === undefined) throw new Error('render does not run');
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  const client = await clientOf(requester);
  const layout = await client.defaultLayout();
  const body = { selection_mode: 'all', format: 'csv', layout_id: layout.id, timezone: 'UTC' };
  const jobId = await client.accept({ ...body, selected_fields: layout.fields });
  return { client, jobId, resume: () => process.kill(pid, 'SIGCONT') };
}

async function filesOf({ company: id }: Requester): Promise<number> {
  const bucket = bucketOf(defaultRegion, prefix);
  const files = `${installationPrefix(installationOf(prefix))}${id}/`;
  return (await Array.fromAsync(storage.list(bucket, files))).length;
}

/** Returns the answers of the services about an export. */
async function visibleTo({ client, jobId }: Awaited<ReturnType<typeof exported>>) {
  const status = await client.status(jobId).then(
    () => 'known',
    (error: unknown) => /answered (\d+)/.exec(String(error))?.[1],
  );
  return {
    status,
    entries: await client.historyEntries(jobId),
    notifications: await client.notifications(jobId),
    download: await client.download(jobId, join(directory, 'again')).then(
      (file) => (file === undefined ? 'unknown' : 'file'),
      (error: unknown) => String(error),
    ),
  };
}

/** Rebuilds history and notify from export.completed, as after a loss of the database. */
async function replay(): Promise<void> {
  const settings: InstallationSettings = { addresses, issuer, prefix, keys, publicUrl: 'http://127.0.0.1' };
  for (const service of ['history', 'notify'] as const) {
    const file = `../services/${service}/rebuild.ts`;
    const { code, output } = await run(file, [], { environment: serviceEnvironment(service, settings) });
    expect([code, output]).toEqual([0, expect.stringContaining('rebuilt')]);
  }
}

const unknown = { status: '404', entries: 0, notifications: 0, download: 'unknown' };

describe('npm run erase', () => {
  it('erases a person in every service, and a replay of the events restores nothing', async () => {
    const [ani, other] = [await company(), await company()];
    const [erased, kept] = [await exported(ani), await exported(other)];
    const known = { status: 'known', entries: 1, notifications: 1, download: 'file' };
    expect([await visibleTo(erased), await filesOf(ani)]).toEqual([known, 1]);

    const { code, output } = await erase(ani, ['--company', ani.company, '--user', ani.user]);
    expect([code, output]).toEqual([0, expect.stringContaining('intake: removed {"jobs":1')]);
    for (const service of services) expect(output).toMatch(new RegExp(`^${service}: .*left {[^1-9]*}$`, 'm'));

    expect(await filesOf(ani)).toBe(0);
    expect(await visibleTo(erased)).toEqual(unknown);
    await replay();
    expect(await visibleTo(erased)).toEqual(unknown);
    expect(await filesOf(ani)).toBe(0);
    expect(await visibleTo(kept)).toEqual(known);
  });

  it('cancels a running export of a company, waits for its end, and removes all data of the company', async () => {
    const ani = await company();
    const running = await exporting(ani);
    const onOutput = (output: string) => output.includes('left {"jobs":1') && running.resume();
    const { code, output } = await erase(ani, ['--company', ani.company], { onOutput });
    expect([code, output]).toEqual([0, expect.stringContaining('intake: removed {"jobs":1')]);
    expect(output).toContain('left {"jobs":1');
    await replay();
    expect([await visibleTo(running), await filesOf(ani)]).toEqual([unknown, 0]);
  });

  it('exits with 1 if a service refuses or does not answer, and erases nothing of another company', async () => {
    const [ani, other] = [await company(), await company()];
    const erased = await exported(ani);
    const refused = await erase(other, ['--company', ani.company]);
    expect(refused.code).toBe(1);
    for (const service of services) expect(refused.output).toContain(`${service} answered 422`);
    expect(await visibleTo(erased)).toMatchObject({ status: 'known', entries: 1, download: 'file' });
    const urls = { notify: 'http://127.0.0.1:9' };
    const partial = await erase(other, ['--company', other.company], { urls });
    expect([partial.code, partial.output]).toEqual([1, expect.stringContaining('notify does not answer')]);
  });

  it('exits with 1 and reports an export that does not end in time', async () => {
    const ani = await company();
    const running = await exporting(ani);
    const onOutput = (output: string) => output.includes('intake has something left') && running.resume();
    const { code, output } = await erase(ani, ['--company', ani.company, '--wait', '0'], { onOutput });
    expect([code, output]).toEqual([1, expect.stringContaining('an export has not ended yet')]);
  });

  it('exits with 2 and prints its usage for wrong arguments or a missing address', async () => {
    expect(await run('./erase.ts', ['--compny', 'x'])).toMatchObject({ code: 2 });
    const { intake } = installation.services;
    const { code, output } = await run('./erase.ts', [
      '--company',
      'x',
      '--intake',
      intake.url,
      '--token',
      't',
    ]);
    expect([code, output]).toEqual([2, expect.stringContaining('usage: npm run erase')]);
  });
});
