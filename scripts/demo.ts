import { randomBytes } from 'node:crypto';
import { asError } from '@waybill/errors';
import { issueDevelopmentToken } from '@waybill/auth';
import { createLogger } from '@waybill/observability';
import { installFetch } from '@waybill/service';
import { ExportClient } from './demo/client.ts';
import { exportOnce, type FinishedExport } from './demo/export-once.ts';
import { demoUsage, readDemoOptions, type DemoOptions } from './demo/options.ts';
import { ensureRunning } from './demo/running.ts';
import { verifyExport, type Verified } from './demo/verify.ts';
import { createCompany, newestFirst, requesterOf } from './local/company.ts';
import { issuerDirectory, type RunFile } from './local/run-file.ts';
import { crmDatabase } from './local/settings.ts';
import { tokenClaims } from './local/token.ts';

/** `npm run demo`: exports a new company over HTTP, and compares the file with its receipt and with the contacts. */

interface Demonstrated {
  readonly exported: FinishedExport;
  readonly verified: Verified;
}

async function demonstrate(run: RunFile, options: DemoOptions): Promise<Demonstrated> {
  const requester = requesterOf(`demo-${randomBytes(4).toString('hex')}`, 'rina');
  const logger = createLogger({ service: 'demo', level: 'warn' });
  const crm = { mongoUrl: run.mongo, database: crmDatabase(''), logger };
  await createCompany(crm, requester, options.rows);
  const token = await issueDevelopmentToken(issuerDirectory, tokenClaims(requester));
  const client = new ExportClient(run, token);
  const exported = await exportOnce(client, options);
  const ids = await newestFirst(crm, requester.company);
  const verified = await verifyExport(client, exported, options, { ids, email: requester.email });
  return { exported, verified };
}

function summary(
  { exported, verified }: Demonstrated,
  options: DemoOptions,
): Record<string, string | number> {
  const { receipt, at } = exported;
  return {
    job_id: exported.jobId,
    status: 'completed',
    format: options.format,
    rows: options.rows,
    matched: receipt.matched,
    written: receipt.written,
    skipped: receipt.skipped,
    sha256: receipt.sha256,
    bytes: receipt.bytes,
    file: exported.path,
    emails: verified.emails,
    notifications: verified.notifications,
    history_entries: verified.historyEntries,
    accept_ms: at.acceptedMs,
    total_ms: at.downloadedMs,
    timezone: options.timezone,
  };
}

function printReadable({ exported, verified }: Demonstrated): void {
  const { at, receipt } = exported;
  const mib = (receipt.bytes / 1_048_576).toFixed(2);
  console.log(`
${receipt.written.toLocaleString('en')} contacts, ${exported.fields.length} fields, ${mib} MiB: ${exported.path}
  accepted after    ${at.acceptedMs} ms
  completed after   ${at.completedMs} ms
  downloaded after  ${at.downloadedMs} ms, SHA-256 and size as in the receipt
`);
  for (const { what, ok, found } of verified.checks) {
    console.log(`  ${ok ? 'ok  ' : 'FAIL'}  ${what}: ${found}`);
  }
}

installFetch();
const options = readDemoOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n${demoUsage}`);
  process.exit(2);
}

const running = await ensureRunning();
try {
  const demonstrated = await demonstrate(running.run, options);
  printReadable(demonstrated);
  if (options.json) console.log(JSON.stringify(summary(demonstrated, options)));
  process.exitCode = demonstrated.verified.checks.every((check) => check.ok) ? 0 : 1;
} catch (error) {
  console.error(`The demo failed: ${asError(error).message}`);
  process.exitCode = 1;
} finally {
  await running.release();
}
