import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDevelopmentIssuer, type DevelopmentIssuer } from '@waybill/auth';
import { silentLogger } from '@waybill/observability';
import { createStorage } from '@waybill/object-storage';
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
  serviceEnvironment,
  type InstallationSettings,
} from './local/settings.ts';
import { tokenClaims } from './local/token.ts';

/** The right to delete, on a whole installation of its own: every service is a process, as in production. */
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
  /** Called with all that was written so far. */
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

/** As an administrator of the company. */
interface EraseOptions extends RunOptions {
  /** Addresses that differ from the installation's. */
  readonly away?: Readonly<Record<string, string>>;
}

async function erase({ company: id }: Requester, args: readonly string[], options: EraseOptions = {}) {
  const urls = services.flatMap((name) => [
    `--${name}`,
    options.away?.[name] ?? installation.services[name].url,
  ]);
  const admin = requesterOf(id, 'operator', ['contacts.export.admin']);
  const token = await issuer.token(tokenClaims(admin));
  return run('./erase.ts', [...urls, '--token', token, ...args], options);
}

/** Contacts of a company. */
const rows = 40;

/** A company with contacts, and one who may export and nothing else. */
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

/** An export from the request to the file, with its entry and its notification. */
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

/** An export that cannot end before it is let: render is paused. */
async function exporting(requester: Requester) {
  const pid = installation.services.render.pid();
  if (pid === undefined) throw new Error('render does not run');
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  const client = await clientOf(requester);
  const layout = await client.defaultLayout();
  const body = { selection_mode: 'all', format: 'csv', layout_id: layout.id, timezone: 'UTC' };
  const jobId = await client.accept({ ...body, selected_fields: layout.fields });
  return { client, jobId, goOn: () => process.kill(pid, 'SIGCONT') };
}

async function filesOf({ company: id }: Requester): Promise<number> {
  const bucket = bucketOf(defaultRegion, prefix);
  return (await Array.fromAsync(storage.list(bucket, `private/exports/${id}/`))).length;
}

/** What a client sees of an export: the four services that answer about it. */
async function seen({ client, jobId }: Awaited<ReturnType<typeof exported>>) {
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

/** Reads all of export.completed once more, as after a loss of the database. */
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
  it('has every service erase a person: as if they had never exported, and a replay changes nothing', async () => {
    const [ani, other] = [await company(), await company()];
    const [hers, kept] = [await exported(ani), await exported(other)];
    const known = { status: 'known', entries: 1, notifications: 1, download: 'file' };
    expect([await seen(hers), await filesOf(ani)]).toEqual([known, 1]);

    const { code, output } = await erase(ani, ['--company', ani.company, '--user', ani.user]);
    expect([code, output]).toEqual([0, expect.stringContaining('intake: removed {"jobs":1')]);
    for (const service of services) expect(output).toMatch(new RegExp(`^${service}: .*left {[^1-9]*}$`, 'm'));

    expect(await filesOf(ani)).toBe(0);
    expect(await seen(hers)).toEqual(unknown);
    await replay();
    expect(await seen(hers)).toEqual(unknown);
    expect(await filesOf(ani)).toBe(0);
    expect(await seen(kept)).toEqual(known);
  });

  it('cancels what a company is exporting, waits for its end, and removes all of it', async () => {
    const ani = await company();
    const running = await exporting(ani);
    const onOutput = (said: string) => said.includes('left {"jobs":1') && running.goOn();
    const { code, output } = await erase(ani, ['--company', ani.company], { onOutput });
    expect([code, output]).toEqual([0, expect.stringContaining('intake: removed {"jobs":1')]);
    expect(output).toContain('left {"jobs":1');
    await replay();
    expect([await seen(running), await filesOf(ani)]).toEqual([unknown, 0]);
  });

  it('fails with 1 where a service refuses or does not answer, and erases nothing of another company', async () => {
    const [ani, other] = [await company(), await company()];
    const hers = await exported(ani);
    const refused = await erase(other, ['--company', ani.company]);
    expect(refused.code).toBe(1);
    for (const service of services) expect(refused.output).toContain(`${service} answered 422`);
    expect(await seen(hers)).toMatchObject({ status: 'known', entries: 1, download: 'file' });
    const away = { notify: 'http://127.0.0.1:9' };
    const half = await erase(other, ['--company', other.company], { away });
    expect([half.code, half.output]).toEqual([1, expect.stringContaining('notify does not answer')]);
  });

  it('fails with 1 and says why where an export does not end in time', async () => {
    const ani = await company();
    const running = await exporting(ani);
    const onOutput = (said: string) => said.includes('intake has something left') && running.goOn();
    const { code, output } = await erase(ani, ['--company', ani.company, '--wait', '0'], { onOutput });
    expect([code, output]).toEqual([1, expect.stringContaining('an export has not ended yet')]);
  });

  it('says how it is used, with 2, also where one service has no address', async () => {
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
