import { asError } from '@waybill/errors';
import { installFetch } from '@waybill/service';
import { attackUsage, readAttackOptions, type AttackOptions } from './attack/options.ts';
import { runAttacks, type AttackReport } from './attack/run-attacks.ts';
import { describeTarget, prepareTarget, quietLogger } from './attack/target.ts';
import { ensureRunning } from './demo/running.ts';
import { issuerDirectory } from './local/run-file.ts';
import { crmDatabase } from './local/settings.ts';

/**
 * `npm run attack`: sends requests that must be refused to a running installation, and reports the answers that are not as
 * they should be. Exits with 1 if there is one.
 */

const say = (line: string): void => console.error(line);

async function attack({ deployed, lists }: AttackOptions): Promise<AttackReport> {
  if (deployed !== undefined) return runAttacks(await describeTarget(deployed), lists, say);
  const running = await ensureRunning();
  const { run } = running;
  try {
    const crm = { mongoUrl: run.mongo, database: crmDatabase(''), logger: quietLogger() };
    return await runAttacks(await prepareTarget({ urls: run, crm, issuerDirectory }), lists, say);
  } finally {
    await running.release();
  }
}

installFetch();
const options = readAttackOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n${attackUsage}`);
  process.exit(2);
}
try {
  const report = await attack(options);
  for (const line of report.unexpected) console.error(`unexpected  ${line}`);
  console.log(`${report.attempts} attempts, ${report.leaks} leaks, ${report.unexpected.length} unexpected`);
  if (options.json) console.log(JSON.stringify(report));
  process.exitCode = report.unexpected.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`The attack could not be run: ${asError(error).message}`);
  process.exitCode = 1;
}
