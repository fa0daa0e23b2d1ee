import { asError } from '@waybill/errors';
import { installFetch } from '@waybill/service';
import { outageUsage, readOutageOptions } from './outage/options.ts';
import { openOutageInstallation, type OutageReport } from './outage/run-outage.ts';

/** `npm run outage`: takes servers away while jobs run and reports what became of them. Exit status 1: not all is well. */

installFetch();
const options = readOutageOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n${outageUsage}`);
  process.exit(2);
}
try {
  const reports: OutageReport[] = [];
  await using installation = await openOutageInstallation(options.rows, (line) => console.error(line));
  for (const outage of options.outages) {
    const report = await installation.run(outage);
    reports.push(report);
    const { server, mode, jobs, completed, emails, seconds_to_settle: settled } = report;
    console.log(
      `${server} (${mode}): ${completed} of ${jobs} jobs completed, ${emails} emails, all settled ${settled} s after its return`,
    );
  }
  if (options.json) for (const report of reports) console.log(JSON.stringify(report));
  const well = reports.every(({ jobs, completed, emails }) => completed === jobs && emails === jobs);
  process.exitCode = well ? 0 : 1;
} catch (error) {
  console.error(`The outage run failed: ${asError(error).message}`);
  process.exitCode = 1;
}
