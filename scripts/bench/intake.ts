/**
 * Measures how fast intake accepts exports: real servers on loopback, the service as a separate process, and requests at a
 * fixed rate that does not depend on the answers. The last line is JSON.
 * `npm run bench -- intake [--rate 200] [--seconds 30] [--json]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDevelopmentIssuer } from '@waybill/auth';
import { createLogger } from '@waybill/observability';
import { startStack, uniqueName } from '@waybill/testbed';
import { createCompany, newestFirst, recordMembers, requesterOf } from '../local/company.ts';
import { freePort } from '../local/free-port.ts';
import { prepareServers } from '../local/prepare.ts';
import { startService } from '../local/service-process.ts';
import { crmDatabase, freshKeys, serviceEnvironment } from '../local/settings.ts';
import { tokenClaims } from '../local/token.ts';
import { sendAtRate, type Shot } from './intake/load.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
/** Requests before the measured ones, which run with cold caches and code that is not compiled yet. */
const warmUpSeconds = 5;
const contactCount = 100;
const idsOfRequest = 20;

const directory = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
await using stack = await startStack({
  servers: ['kafka', 'registry', 'mongo', 'redis', 's3', 'mail'],
  mongoBackend: 'memory',
});
const logger = createLogger({ service: 'bench', level: 'error' });
const issuer = await startDevelopmentIssuer({ directory, port: 0 });
const settings = {
  addresses: stack.addresses,
  issuer,
  prefix: `${uniqueName('bench')}.`,
  keys: freshKeys(),
  publicUrl: 'http://127.0.0.1',
  // High limits, so that they do not affect the measurement.
  overrides: { RATE_LIMIT_POINTS: '10000000', LOG_LEVEL: 'warn' },
};
await prepareServers(settings, logger);
const requester = requesterOf('bench', 'bench');
const crm = { mongoUrl: stack.addresses.mongo.url, database: crmDatabase(settings.prefix), logger };
await createCompany(crm, requester, contactCount);
const ids = await newestFirst(crm, requester.company);

const intake = await startService({
  name: 'intake',
  environment: serviceEnvironment('intake', settings),
  port: await freePort(),
  logDirectory: directory,
  onEvent: (line) => console.error(line),
});
try {
  await intake.untilReady(60_000);
  console.error(`${rate} requests/s: ${warmUpSeconds} s to warm up, then ${seconds} s`);
  await run(warmUpSeconds, 'warm');
  report(await run(seconds, 'user'));
} finally {
  await intake.stop();
  await issuer.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** Each request has another user, so that none counts as a repeated request. */
async function run(length: number, name: string): Promise<readonly Shot[]> {
  const people = Array.from({ length: rate * length }, (_, index) =>
    requesterOf(requester.company, `${name}-${index}`, ['contacts.export']),
  );
  await recordMembers(crm, people);
  const tokens = await Promise.all(people.map((person) => issuer.token(tokenClaims(person))));
  const body = JSON.stringify({
    selection_mode: 'ids',
    ids: ids.slice(0, idsOfRequest),
    format: 'xlsx',
    layout_id: 'default',
    selected_fields: ['first_name', 'email', 'phone'],
  });
  return sendAtRate({ url: `${intake.url}/iag/v1/contacts/export`, rate, body, tokens });
}

function report(shots: readonly Shot[]): void {
  const accepted = shots.filter((shot) => shot.jobId !== undefined);
  const jobs = new Set(accepted.map((shot) => shot.jobId)).size;
  if (jobs !== accepted.length) throw new Error(`${accepted.length} answers name only ${jobs} jobs`);
  const latencies = accepted.map((shot) => shot.latencyMs).sort((a, b) => a - b);
  const at = (share: number) => round(latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN);
  const first = Math.min(...shots.map((shot) => shot.startedMs));
  const last = Math.max(...shots.map((shot) => shot.startedMs + shot.latencyMs));
  const result = {
    rps: round(shots.length / ((last - first) / 1_000)),
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    errors: shots.length - accepted.length,
  };
  if (!values.json) console.table({ ...result, p90_ms: at(0.9), max_ms: at(1) });
  console.log(JSON.stringify(result));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
