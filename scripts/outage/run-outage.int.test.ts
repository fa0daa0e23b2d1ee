import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOutageOptions, type Outage } from './options.ts';
import { openOutageInstallation, type OutageInstallation } from './run-outage.ts';

/** The short form of `npm run outage`, on servers of its own. */

const options = readOutageOptions(['--server', 'all', '--mode', 'both', '--seconds', '20', '--jobs', '4']);
const outages: readonly Outage[] = typeof options === 'string' ? [] : options.outages;
const lines: string[] = [];
let installation: OutageInstallation;

beforeAll(async () => {
  installation = await openOutageInstallation(1_000, (line) => lines.push(line));
}, 240_000);

afterAll(() => installation[Symbol.asyncDispose]());

describe('a server that goes away for 20 s while jobs run', () => {
  it('is each of the six, and hangs as well as refuses connections', () => {
    expect(outages).toHaveLength(12);
  });

  it.each(outages)(
    'delays them: $server ($mode), every job completes with one email',
    async (outage) => {
      expect(await installation.run(outage), lines.join('\n')).toMatchObject({
        jobs: 4,
        completed: 4,
        failed: 0,
        unfinished: 0,
        emails: 4,
      });
    },
    420_000,
  );
});
