import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { issueDevelopmentToken } from '@waybill/auth';
import { z } from 'zod';
import { requesterOf } from './local/company.ts';
import { issuerDirectory, readRunFile } from './local/run-file.ts';
import { tokenClaims } from './local/token.ts';

/**
 * `npm run erase -- --company C [--user U]`: removes the data of a person or of a company from every service, and prints
 * what each service removed and what remains. Repeats the request while data remains: intake cancels running exports, whose
 * data can be removed after their end. Exits with 1 if data remains.
 */

/** In the order of the flow: when intake has no job left, none is on its way to the next service. */
const paths = {
  intake: '/iag/v1/contacts/export/erasures',
  resolver: '/iag/v1/contacts/export/resolutions/erasures',
  render: '/iag/v1/contacts/export/files/erasures',
  history: '/iag/v1/contacts/export/history/erasures',
  notify: '/iag/v1/notifications/erasures',
} as const;
type Service = keyof typeof paths;
// Object.keys returns the keys of the object above.
const services = Object.keys(paths) as readonly Service[];

const usage = `usage: npm run erase -- --company C [--user U] [--wait SECONDS]
           [${services.map((service) => `--${service} URL`).join(' ')} --token T]
  Without addresses the installation that runs here is meant. The token needs contacts.export.erase of the company.
  Running exports are cancelled first; --wait (60) is how long to wait for their end.`;

interface Wanted {
  readonly company: string;
  readonly user: string | undefined;
  /** The URL for erasures of each service. */
  readonly urls: readonly (readonly [Service, string])[];
  readonly waitMs: number;
  readonly token: string;
}

const counts = z.record(z.string(), z.number());
const report = z.object({ removed: counts, remaining: counts });

async function wanted(): Promise<Wanted | undefined> {
  const options = ['company', 'user', 'token', 'wait', ...services] as const;
  const { values } = parseArgs({
    options: Object.fromEntries(options.map((name) => [name, { type: 'string' as const }])),
  });
  const value = (name: (typeof options)[number]): string | undefined => {
    const given = values[name];
    return typeof given === 'string' && given !== '' ? given : undefined;
  };
  const company = value('company');
  const waitMs = Number(value('wait') ?? 60) * 1_000;
  if (company === undefined || !(waitMs >= 0)) return undefined;
  const run = readRunFile();
  const urls: (readonly [Service, string])[] = [];
  for (const service of services) {
    const address = value(service) ?? run?.[service];
    // Every address is required, since an erasure without one service is incomplete.
    if (address === undefined) return undefined;
    urls.push([service, `${address}${paths[service]}`]);
  }
  const operator = requesterOf(company, 'operator', ['contacts.export.erase']);
  const token = value('token') ?? (await issueDevelopmentToken(issuerDirectory, tokenClaims(operator)));
  return { company, user: value('user'), urls, waitMs, token };
}

/** Requests an erasure. Returns whether no data remains, or undefined if the service refuses. */
async function ask(service: Service, url: string, asked: Wanted): Promise<boolean | undefined> {
  const { company, user, token } = asked;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company_id: company, ...(user === undefined ? {} : { user_id: user }) }),
  });
  const body = await response.text();
  if (!response.ok) {
    console.error(`${service} answered ${response.status}: ${body}`);
    return undefined;
  }
  const { removed, remaining } = report.parse(JSON.parse(body));
  console.log(`${service}: removed ${JSON.stringify(removed)}, left ${JSON.stringify(remaining)}`);
  return Object.values(remaining).every((left) => left === 0);
}

async function erase(service: Service, url: string, asked: Wanted): Promise<boolean> {
  const until = Date.now() + asked.waitMs;
  for (;;) {
    const clean = await ask(service, url, asked);
    if (clean !== false) return clean === true;
    if (Date.now() >= until) {
      console.error(`${service} has something left: an export has not ended yet. Ask again when it has.`);
      return false;
    }
    await delay(1_000);
  }
}

const asked = await wanted().catch(() => undefined);
if (asked === undefined) {
  console.error(usage);
  process.exit(2);
}
let clean = true;
for (const [service, url] of asked.urls) {
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
