import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueDevelopmentToken } from '@waybill/auth';
import type { Permission } from '@waybill/domain';
import { createLogger } from '@waybill/observability';
import { waitFor } from '@waybill/testbed';
import { z } from 'zod';
import {
  createCompany,
  newestFirst,
  recordMembers,
  requesterOf,
  type CrmAddress,
  type Requester,
} from '../local/company.ts';
import type { ServiceName } from '../local/service-process.ts';
import { tokenClaims } from '../local/token.ts';
import { request } from './attack.ts';

/** Private key in the form of RFC 8037. */
export type SigningKey = Readonly<Record<string, string>>;

/** What belongs to a company that the attacker is not a member of. */
export interface Victim {
  readonly company: string;
  readonly user: string;
  readonly jobId: string;
  readonly presetId: string;
  readonly contactId: string;
}

/** What the attacks need to know of an installation. */
export interface Target {
  /** The services that can be reached. */
  readonly urls: Readonly<Partial<Record<ServiceName, string>>>;
  /** A member of a company who may export and see the company's history. */
  readonly attacker: string;
  /** Further members of the attacker's company; unknown where tokens are given. */
  readonly colleagues:
    { readonly clerk: string; readonly nobody: string; readonly admin: string } | undefined;
  /** An export of the attacker. */
  readonly jobId: string;
  readonly company: string;
  readonly victim: Victim;
  /** Texts of the victim's company that no answer to the attacker may contain. */
  readonly markers: readonly string[];
  /** The key of the installation's tokens, to sign tokens with wrong claims; unknown where tokens are given. */
  readonly signingKey: SigningKey | undefined;
}

export interface LocalInstallation {
  readonly urls: Readonly<Record<ServiceName, string>>;
  readonly crm: CrmAddress;
  /** The directory of the development issuer. */
  readonly issuerDirectory: string;
}

const contacts = 12;
const attackerPermissions: readonly Permission[] = ['contacts.export', 'contacts.export.history.company'];

/** Creates two companies on a local installation, each with an export, and returns one of them as the victim. */
export async function prepareTarget(local: LocalInstallation): Promise<Target> {
  const run = randomBytes(4).toString('hex');
  const tokenOf = (requester: Requester) =>
    issueDevelopmentToken(local.issuerDirectory, tokenClaims(requester));
  const company = `attack-${run}`;
  const attacker = requesterOf(company, 'mallory', attackerPermissions);
  const victim = requesterOf(`victim-${run}`, `hidden-${run}`, ['contacts.export', 'contacts.export.admin']);
  for (const requester of [attacker, victim]) await createCompany(local.crm, requester, contacts);
  const clerk = requesterOf(company, 'clerk', ['contacts.export']);
  const admin = requesterOf(company, 'boss');
  await recordMembers(local.crm, [clerk, admin]);
  const [contactId = ''] = await newestFirst(local.crm, victim.company);
  const [mine, theirs] = [await tokenOf(attacker), await tokenOf(victim)];
  return {
    urls: local.urls,
    attacker: mine,
    colleagues: {
      clerk: await tokenOf(clerk),
      nobody: await tokenOf(requesterOf(company, 'nobody', [])),
      admin: await tokenOf(admin),
    },
    jobId: await exportOf(local.urls, mine),
    company,
    victim: {
      company: victim.company,
      user: victim.user,
      contactId,
      ...(await belongingsOf(local.urls, theirs, `preset-${run}-secret`)),
    },
    markers: [victim.company, victim.email, victim.user, `preset-${run}-secret`, contactId],
    // The file is ours; a key that is not one fails at the first signature.
    signingKey: JSON.parse(
      readFileSync(join(local.issuerDirectory, 'signing-key.json'), 'utf8'),
    ) as SigningKey,
  };
}

/** A deployed installation behind one address, with a token of a member of each of two companies. */
export interface DeployedInstallation {
  readonly url: string;
  readonly token: string;
  readonly otherToken: string;
}

/** Returns the target of a deployed installation. Starts an export of each of the two people. */
export async function describeTarget({ url, token, otherToken }: DeployedInstallation): Promise<Target> {
  const urls = { intake: url, history: url, notify: url };
  const other = claimsOf(otherToken);
  const presetName = `preset-${randomBytes(4).toString('hex')}-secret`;
  return {
    urls,
    attacker: token,
    colleagues: undefined,
    jobId: await exportOf(urls, token),
    company: claimsOf(token).company_id,
    victim: {
      company: other.company_id,
      user: other.sub,
      contactId: 'unknown',
      ...(await belongingsOf(urls, otherToken, presetName)),
    },
    markers: [other.email, presetName].filter((marker) => marker !== undefined),
    signingKey: undefined,
  };
}

type Urls = Pick<LocalInstallation['urls'], 'intake' | 'history'>;

const claims = z.object({ sub: z.string(), company_id: z.string(), email: z.string().optional() });

function claimsOf(token: string): z.output<typeof claims> {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return claims.parse(JSON.parse(payload));
}

const accepted = z.object({ job_id: z.string() });
const configuration = { format: 'csv', layout_id: 'default', selected_fields: ['email'], timezone: 'UTC' };

/** Exports the contacts of a person's company, and waits until the history has the entry. */
async function exportOf({ intake, history }: Urls, token: string): Promise<string> {
  const body = { ...configuration, selection_mode: 'first_10k_sorted' };
  const answer = await request(`${intake}/iag/v1/contacts/export`, { method: 'POST', token, body });
  if (answer.status !== 200) throw new Error(`No export was started: ${answer.status} ${answer.body}`);
  const { job_id: jobId } = accepted.parse(JSON.parse(answer.body));
  const entry = `${history}/iag/v1/contacts/export/history/${jobId}`;
  await waitFor(async () => (await request(entry, { token })).status === 200, {
    limitMs: 120_000,
    everyMs: 250,
    what: `the export ${jobId} to end`,
  });
  return jobId;
}

/** The preset is the answer itself, or its `data`. */
const preset = z.union([
  z.object({ id: z.string() }),
  z.object({ data: z.object({ id: z.string() }) }).transform(({ data }) => data),
]);

/** Creates an export and a preset of the victim. */
async function belongingsOf(urls: Urls, token: string, name: string) {
  const made = await request(`${urls.intake}/iag/v1/contacts/export/presets`, {
    method: 'POST',
    token,
    body: { name, shared: true, configuration },
  });
  return { jobId: await exportOf(urls, token), presetId: preset.parse(JSON.parse(made.body)).id };
}

/** Returns a logger for the clients of a target. */
export const quietLogger = () => createLogger({ service: 'attack', level: 'error' });
