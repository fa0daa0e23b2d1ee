import { asError } from '@waybill/errors';
import { installFetch } from '@waybill/service';
import { outageUsage, readOutageOptions } from './outage/options.ts';
import { runOutage } from './outage/run-outage.ts';

/** `npm run outage`: takes one server away while jobs run and reports what became of them. Exit status 1: not all is well. */

installFetch();
const options = readOutageOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n${outageUsage}`);
  process.exit(2);
}
try {
  const report = await runOutage(options, (line) => console.error(line));
  const { jobs, completed, emails, seconds_to_settle: settled } = report;
  console.log(
    `${completed} of ${jobs} jobs completed, ${emails} emails, all settled ${settled} s after the return of ${report.server}`,
  );
  if (options.json) console.log(JSON.stringify(report));
  process.exitCode = completed === jobs && emails === jobs ? 0 : 1;
} catch (error) {
  console.error(`The outage run failed: ${asError(error).message}`);
  process.exitCode = 1;
}
