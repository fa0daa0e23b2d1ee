import { parseArgs } from 'node:util';
import { issueDevelopmentToken } from '@waybill/auth';
import { z } from 'zod';
import { requesterOf } from './local/company.ts';
import { issuerDirectory, readRunFile } from './local/run-file.ts';
import { tokenClaims } from './local/token.ts';

/**
 * `npm run erase -- --company C [--user U]`: has every service remove what it knows of a person, or of a whole company,
 * and prints what went and what is left. Exits 1 unless nothing is.
 */

const usage = `usage: npm run erase -- --company C [--user U] [--history URL --notify URL --token T]
  Without addresses the installation that runs here is meant. The token needs contacts.export.admin of the company.`;

interface Wanted {
  readonly company: string;
  readonly user: string | undefined;
  /** Where each service answers erasures. */
  readonly services: Readonly<Record<string, string>>;
  readonly token: string;
}

const counts = z.record(z.string(), z.number());
const report = z.object({ removed: counts, remaining: counts });

async function wanted(): Promise<Wanted | undefined> {
  const options = ['company', 'user', 'history', 'notify', 'token'] as const;
  const { values } = parseArgs({
    options: Object.fromEntries(options.map((name) => [name, { type: 'string' as const }])),
  });
  const value = (name: (typeof options)[number]): string | undefined => {
    const given = values[name];
    return typeof given === 'string' && given !== '' ? given : undefined;
  };
  const company = value('company');
  if (company === undefined) return undefined;
  const run = readRunFile();
  const history = value('history') ?? run?.history;
  const notify = value('notify') ?? run?.notify;
  if (history === undefined || notify === undefined) return undefined;
  const operator = requesterOf(company, 'operator', ['contacts.export.admin']);
  return {
    company,
    user: value('user'),
    services: {
      history: `${history}/iag/v1/contacts/export/history/erasures`,
      notify: `${notify}/iag/v1/notifications/erasures`,
    },
    token: value('token') ?? (await issueDevelopmentToken(issuerDirectory, tokenClaims(operator))),
  };
}

/** Whether nothing is left there. */
async function erase(service: string, url: string, { company, user, token }: Wanted): Promise<boolean> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company_id: company, ...(user === undefined ? {} : { user_id: user }) }),
  });
  const body: unknown = await response.json();
  if (!response.ok) {
    console.error(`${service} answered ${response.status}: ${JSON.stringify(body)}`);
    return false;
  }
  const { removed, remaining } = report.parse(body);
  console.log(`${service}: removed ${JSON.stringify(removed)}, left ${JSON.stringify(remaining)}`);
  return Object.values(remaining).every((left) => left === 0);
}

const asked = await wanted().catch(() => undefined);
if (asked === undefined) {
  console.error(usage);
  process.exit(2);
}
let clean = true;
for (const [service, url] of Object.entries(asked.services)) {
  try {
    clean = (await erase(service, url, asked)) && clean;
  } catch (error) {
    console.error(
      `${service} does not answer at ${url}: ${error instanceof Error ? error.message : String(error)}`,
    );
    clean = false;
  }
}
process.exit(clean ? 0 : 1);
