import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevelopmentIssuer, type DevelopmentIssuer } from '@waybill/auth';
import { openStore } from '@waybill/mongo';
import { createMetrics, silentLogger } from '@waybill/observability';
import { createProbes, type RunningService, type ServiceContext } from '@waybill/service';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig as loadHistory } from '../services/history/config.ts';
import { startHistory } from '../services/history/service.ts';
import { loadConfig as loadIntake } from '../services/intake/config.ts';
import { startIntake } from '../services/intake/service.ts';
import { loadConfig as loadNotify } from '../services/notify/config.ts';
import { startNotify } from '../services/notify/service.ts';
import { loadConfig as loadRender } from '../services/render/config.ts';
import { startRender } from '../services/render/service.ts';
import { loadConfig as loadResolver } from '../services/resolver/config.ts';
import { startResolver } from '../services/resolver/service.ts';
import { ExportClient } from './demo/client.ts';
import { readSettings } from './keys/rotation.ts';
import { createCompany, requesterOf } from './local/company.ts';
import { freePort } from './local/free-port.ts';
import { prepareServers } from './local/prepare.ts';
import type { ServiceName } from './local/service-process.ts';
import { crmDatabase, freshKeys, serviceEnvironment, type InstallationSettings } from './local/settings.ts';
import { tokenClaims } from './local/token.ts';

type Settings = Readonly<Record<string, string>>;

/** The services, which run in this process so that a restart takes no second. */
const starts: Readonly<
  Record<ServiceName, (settings: Settings, context: ServiceContext) => Promise<RunningService>>
> = {
  intake: (settings, context) => startIntake(loadIntake(settings), context),
  resolver: (settings, context) => startResolver(loadResolver(settings), context),
  render: (settings, context) => startRender(loadRender(settings), context),
  notify: (settings, context) => startNotify(loadNotify(settings), context),
  history: (settings, context) => startHistory(loadHistory(settings), context),
};
const names: readonly ServiceName[] = ['intake', 'resolver', 'render', 'notify', 'history'];
const addresses = sharedAddresses();
const prefix = `${uniqueName('keys')}.`;
const databasePrefix = prefix.replace(/[^A-Za-z0-9]+/g, '_');
const directory = mkdtempSync(join(tmpdir(), 'waybill-keys-'));
const file = join(directory, 'keys.env');
const logger = silentLogger();
const services = new Map<ServiceName, RunningService>();
const ports = new Map<ServiceName, number>();
const requester = requesterOf(uniqueName('company'), 'rina');
let issuer: DevelopmentIssuer;
let settings: Omit<InstallationSettings, 'keys'>;
let client: ExportClient;

beforeAll(async () => {
  const { all, current } = freshKeys();
  writeFileSync(file, `KEY_ENCRYPTION_KEYS=${all}\nKEY_ENCRYPTION_KEY_ID=${current}\n`, { mode: 0o600 });
  issuer = await startDevelopmentIssuer({ directory: join(directory, 'issuer'), port: 0 });
  for (const name of names) ports.set(name, await freePort());
  const publicUrl = urlOf('history');
  settings = { addresses, issuer, prefix, publicUrl, overrides: { RATE_LIMIT_POINTS: '10000' } };
  await prepareServers({ ...settings, keys: { all, current } }, logger);
  await createCompany(
    { mongoUrl: addresses.mongo.url, database: crmDatabase(prefix), logger },
    requester,
    40,
  );
  await restart(names);
  const endpoints = { intake: urlOf('intake'), history: urlOf('history'), notify: urlOf('notify') };
  const token = await issuer.token(tokenClaims(requester));
  client = new ExportClient({ ...endpoints, inbox: addresses.inbox.url }, token);
});

afterAll(async () => {
  await Promise.all([...services.values()].map((service) => service.stop()));
  await issuer.stop();
  rmSync(directory, { recursive: true, force: true });
});

function urlOf(name: ServiceName): string {
  return `http://127.0.0.1:${ports.get(name) ?? 0}`;
}

/** Returns where the running service has its metrics. */
function operatorUrlOf(name: ServiceName): string {
  return `http://127.0.0.1:${services.get(name)?.operatorPort ?? 0}`;
}

/** Restarts services with the keys of the file, as a rolling deployment does. */
async function restart(which: readonly ServiceName[]): Promise<void> {
  const { KEY_ENCRYPTION_KEYS: all, KEY_ENCRYPTION_KEY_ID: current } = readSettings(
    readFileSync(file, 'utf8'),
  );
  await Promise.all(
    which.map(async (name) => {
      await services.get(name)?.stop();
      const environment = serviceEnvironment(name, { ...settings, keys: { all, current } });
      const probes = createProbes();
      const metrics = createMetrics(name, { processMetrics: false });
      const { signal } = new AbortController();
      const started = await starts[name](
        { ...environment, HTTP_PORT: String(ports.get(name) ?? 0) },
        { logger, metrics, probes, signal },
      );
      services.set(name, started);
      const ready = async () => (await probes.check()).ready;
      await waitFor(ready, { limitMs: 60_000, what: `${name} to be ready` });
    }),
  );
}

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs `npm run keys` for the processes and databases of this installation. */
function keys(...args: readonly string[]): Promise<Ran> {
  const where = ['--file', file, '--mongo', addresses.mongo.url, '--prefix', databasePrefix];
  const processes = names.flatMap((name) => ['--process', operatorUrlOf(name)]);
  const script = join(import.meta.dirname, 'keys.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...where, ...processes, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

function currentKey(): string {
  return readSettings(readFileSync(file, 'utf8')).KEY_ENCRYPTION_KEY_ID;
}

/** Exports contacts in a loop until it is stopped. A request that a restarting service refuses is repeated. */
function startLoad() {
  const accepted: string[] = [];
  const stopping = new AbortController();
  const exportOnce = async (): Promise<void> => {
    const body = {
      selection_mode: 'all',
      format: 'csv',
      layout_id: 'default',
      timezone: 'UTC',
      selected_fields: ['id', 'email'],
    };
    const job = await waitFor(() => client.accept(body), {
      limitMs: 60_000,
      what: 'the export to be accepted',
    });
    accepted.push(job);
    await waitFor(() => completed(job), { limitMs: 60_000, what: `job ${job} to complete` });
    const path = join(directory, `${job}.csv`);
    await waitFor(() => client.download(job, path), { limitMs: 60_000, what: `the file of ${job}` });
  };
  const running = (async () => {
    while (!stopping.signal.aborted) await exportOnce();
  })();
  running.catch(() => undefined);
  return {
    accepted,
    /** Resolves when so many more exports are completed. */
    more: (count: number) => {
      const from = accepted.length;
      const enough = () => accepted.length > from + count;
      // A load that failed would only be waited for in vain.
      return Promise.race([waitFor(enough, { limitMs: 90_000, what: `${count} more exports` }), running]);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function completed(job: string): Promise<boolean> {
  const { status } = await client.status(job);
  if (status === 'failed' || status === 'cancelled') throw new Error(`job ${job} ended as ${status}`);
  return status === 'completed';
}

const auditShape = z.object({ data: z.array(z.object({ email: z.string().nullable() })) });
const entryShape = z.object({ requested_by: z.object({ email: z.string().nullable() }) });

/** Returns what history shows of a job: the addresses of its downloads, and its requester. */
async function historyOf(job: string) {
  const headers = { authorization: `Bearer ${await issuer.token(tokenClaims(requester))}` };
  const url = `${urlOf('history')}/iag/v1/contacts/export/history/${job}`;
  const downloads = auditShape.parse(await (await fetch(`${url}/downloads`, { headers })).json());
  const entry = entryShape.parse(await (await fetch(url, { headers })).json());
  return { requester: entry.requested_by.email, downloads: downloads.data.map(({ email }) => email) };
}

/** Returns every place in the databases of the services that names one of the keys, outboxes left out. */
async function placesNaming(keyIds: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'key_id' && keyIds.includes(String(inner))) found.add(path);
      if (name !== 'outbox') look(inner, `${path}.${name}`);
    }
  };
  for (const name of names) {
    const database = `${databasePrefix}waybill_${name}`;
    const store = openStore({ url: addresses.mongo.url, database, logger });
    for (const { collectionName } of await store.db.collections()) {
      for await (const document of store.db.collection(collectionName).find()) {
        look(document, `${name}.${collectionName}`);
      }
    }
    await store.close();
  }
  return [...found];
}

/** Does one rotation: both steps, each with restarts of every process, and the rewrapping. */
async function rotateOnce(load: ReturnType<typeof startLoad>): Promise<void> {
  const before = currentKey();
  expect(await keys('rotate')).toMatchObject({ code: 0, output: expect.stringMatching(/^add /) as unknown });
  // No process has the new key yet.
  expect(await keys('rotate')).toMatchObject({
    code: 1,
    output: expect.stringContaining('not yet') as unknown,
  });
  await restart(names);
  expect(await keys('rotate')).toMatchObject({ code: 0, output: expect.stringMatching(/^use /) as unknown });
  // Those that seal use the new key while those that read still use the one before.
  await restart(['intake', 'resolver']);
  await load.more(1);
  await restart(['render', 'notify', 'history']);
  await load.more(1);
  expect(await keys('rotate', '--remove', before)).toMatchObject({
    code: 1,
    output: expect.stringContaining(`documents need ${before}: run npm run keys -- rewrap`) as unknown,
  });
  expect(await keys('rewrap')).toMatchObject({ code: 0 });
}

describe('npm run keys', () => {
  it('rotates the keys twice under load: every export completes, and the audit stays readable without the old keys', async () => {
    const first = currentKey();
    const load = startLoad();
    await load.more(1);
    await rotateOnce(load);
    const second = currentKey();
    await rotateOnce(load);
    const third = currentKey();
    expect(new Set([first, second, third]).size).toBe(3);
    await load.stop();

    // What was sealed while the keys changed.
    expect(await keys('rewrap')).toMatchObject({ code: 0 });
    expect(await placesNaming([first, second])).toEqual([]);
    for (const old of [first, second]) {
      expect(await keys('rotate', '--remove', old)).toMatchObject({ code: 0 });
    }
    await restart(names);
    const { output } = await keys('status');
    expect(output).not.toContain(first);
    expect(output).toContain(`${third}  current`);
    for (const name of names) {
      expect(output).toContain(`${operatorUrlOf(name)}  uses ${third}, knows ${third}`);
    }

    for (const job of load.accepted) {
      expect(await completed(job)).toBe(true);
      expect(await historyOf(job)).toEqual({ requester: requester.email, downloads: [requester.email] });
    }
  }, 240_000);

  it('ends with 1 and names the documents that no key can read', async () => {
    const { all, current } = freshKeys();
    const foreign = join(directory, 'foreign.env');
    const id = `foreign-${current}`;
    const key = all.slice(all.indexOf(':') + 1);
    writeFileSync(foreign, `KEY_ENCRYPTION_KEYS=${id}:${key}\nKEY_ENCRYPTION_KEY_ID=${id}\n`);
    const ran = await keys('rewrap', '--file', foreign);
    expect(ran.code).toBe(1);
    expect(ran.output).toMatch(/history\.downloads\.personal: rewrapped 0, unreadable [1-9]/);
  });

  it('ends with 2 if the command is wrong', async () => {
    expect((await keys('turn')).code).toBe(2);
    expect((await keys('status', '--key', 'x')).code).toBe(2);
  });
});
