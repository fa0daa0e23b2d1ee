/**
 * Measures the cost of the services. Compares an export through resolver, Kafka and render with (a) a script that reads the
 * same contacts, writes the same file with our writer and uploads it, (b) a common monolith (cursor → exceljs → upload) and
 * (c) as a limit, the cursor of the monolith alone. Rounds are interleaved, and all processes are warm.
 * `npm run bench -- pipeline [--rows N] [--rounds N] [--format xlsx|csv] [--json]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { startStack, uniqueName } from '@waybill/testbed';
import { createCompany, requesterOf } from '../local/company.ts';
import { prepareServers } from '../local/prepare.ts';
import { bucketOf, crmDatabase, freshKeys, serviceEnvironment } from '../local/settings.ts';
import type { Course } from './pipeline/contender.ts';
import { startRunner, type Run } from './pipeline/runner.ts';
import { startServices } from './pipeline/services.ts';

/** Thirty fields of every type. */
const defaultFields: readonly string[] = [
  'id first_name last_name email phone mobile_phone source status tags owner companies deals job_title website address',
  'city postal_code birth_date is_subscribed lead_score lifetime_value discount_rate notes last_contacted_at created_at',
  'updated_at loyalty_tier annual_budget contract_start national_id',
]
  .join(' ')
  .split(' ');

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    format: { type: 'string', default: 'xlsx' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);
const format = values.format === 'csv' ? 'csv' : 'xlsx';
/** Jobs with more rows use the bulk lane. */
const lane = rows > 50_000 ? 'bulk' : 'standard';

const directory = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
await using stack = await startStack({ mongoBackend: 'memory' });
const prefix = `${uniqueName('bench')}.`;
const logger = createLogger({ service: 'bench', level: 'error' });
const none = { jwksUrl: 'http://127.0.0.1/none', issuer: 'none', audience: 'none' };
const settings = {
  addresses: stack.addresses,
  issuer: none,
  prefix,
  keys: freshKeys(),
  publicUrl: 'http://127.0.0.1',
};
await prepareServers(settings, logger);
const requester = requesterOf('bench', 'bench');
const crm = { mongoUrl: stack.addresses.mongo.url, database: crmDatabase(prefix), logger };
console.error(`seeding ${rows} contacts`);
await createCompany(crm, requester, rows);

const course: Course = {
  environment: serviceEnvironment('bench', settings),
  company: requester.company,
  bucket: bucketOf('id', prefix),
  format,
  fields: defaultFields,
};
const environmentOf = (service: string): Record<string, string> => ({
  ...serviceEnvironment(service, settings),
  // The native stack's MongoDB sorts all contacts for each page.
  ...(service === 'resolver' ? { FREEZE_PAGE_IDS: '100000' } : {}),
});
await using services = await startServices({
  course,
  environmentOf,
  logDirectory: directory,
  user: requester.user,
  lane,
});
await using line = await startRunner('straight-line', course);
await using peer = await startRunner('monolith', course);
await using reader = await startRunner('reading', course);

const runs: Record<'pipeline' | 'straight' | 'monolith' | 'reading', Run[]> = {
  pipeline: [],
  straight: [],
  monolith: [],
  reading: [],
};
const cancels: number[] = [];
// The first round only warms up compilers and connections.
for (let round = 0; round <= rounds; round += 1) {
  const pipeline = await services.run();
  const straight = await line.run(`bench/straight-${round}`);
  const monolith = await peer.run(`bench/monolith-${round}`);
  const reading = await reader.run('');
  const cancel = await services.cancel();
  for (const run of [pipeline, straight, monolith, reading]) {
    if (run.rows !== rows) throw new Error(`expected ${rows} rows, got ${run.rows}`);
  }
  const took = [pipeline, straight, monolith, reading].map(({ ms }) => `${Math.round(ms)} ms`);
  console.error(
    `round ${round}: services ${took[0]}, straight line ${took[1]}, monolith ${took[2]}, reading alone ${took[3]}, cancel ${Math.round(cancel)} ms`,
  );
  if (round === 0) continue;
  runs.pipeline.push(pipeline);
  runs.straight.push(straight);
  runs.monolith.push(monolith);
  runs.reading.push(reading);
  cancels.push(cancel);
}

const middle = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
const median = (list: readonly Run[]): number => middle(list.map(({ ms }) => ms));
const total = median(runs.pipeline);
const result = {
  rows,
  total_ms_median: Math.round(total),
  ratio_to_straight_line: Number((total / median(runs.straight)).toFixed(2)),
  ratio_to_monolith: Number((total / median(runs.monolith)).toFixed(2)),
  cancel_ms_median: Math.round(middle(cancels)),
  rss_mb_by_service: services.rssMb(),
};
if (!values.json) {
  const bytes = `${((runs.pipeline[0]?.bytes ?? 0) / 1e6).toFixed(1)} MB of ${format}`;
  console.log(`${rows} rows × ${defaultFields.length} fields, ${bytes}, median of ${rounds} rounds`);
  console.log(`services ${result.total_ms_median} ms, straight line ${Math.round(median(runs.straight))} ms`);
  console.log(
    `monolith ${Math.round(median(runs.monolith))} ms, reading alone ${Math.round(median(runs.reading))} ms`,
  );
}
console.log(JSON.stringify(result));
rmSync(directory, { recursive: true, force: true });
await dropDatabases();

/** Removes the data of the benchmark from servers that this process did not start. */
async function dropDatabases(): Promise<void> {
  const names = ['resolver', 'render'].map((name) => environmentOf(name)['MONGODB_DATABASE'] ?? '');
  for (const database of [...names, crm.database]) {
    const store = openStore({ url: crm.mongoUrl, database, logger });
    await store.db.dropDatabase();
    await store.close();
  }
}
