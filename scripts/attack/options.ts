import { parseArgs } from 'node:util';
import { asError } from '@waybill/errors';
import { listNames, type ListName } from './run-attacks.ts';
import type { DeployedInstallation } from './target.ts';

export interface AttackOptions {
  /** A deployed installation; the local one if it is absent. */
  readonly deployed?: DeployedInstallation;
  /** The lists of attacks to run. */
  readonly lists: readonly ListName[];
  readonly json: boolean;
}

export const attackUsage = `usage: npm run attack -- [--url URL --token T --other-token T] [--only LIST]… [--json]
  Without --url the installation that runs here is attacked; it is started if none runs.
  --url          the address of a deployed installation, with the services below their paths
  --token        of a person who may export and see the history of a company: the attacker
  --other-token  of a person who may export in another company: the victim; both companies get an export
  --only         one of ${listNames.join(', ')}; all of them by default
  --json         one last line of JSON`;

/** Returns the options, or the reason why they are not valid. */
export function readAttackOptions(args: readonly string[]): AttackOptions | string {
  let values;
  try {
    values = parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        token: { type: 'string' },
        'other-token': { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return asError(error).message;
  }
  const { url, token, 'other-token': otherToken, only, json } = values;
  const unknown = only.find((name) => !listNames.some((list) => list === name));
  if (unknown !== undefined) return `--only ${unknown} is not one of ${listNames.join(', ')}`;
  const lists = only.length === 0 ? listNames : listNames.filter((name) => only.includes(name));
  if (url === undefined && token === undefined && otherToken === undefined) return { lists, json };
  if (url === undefined || token === undefined || otherToken === undefined) {
    return '--url, --token and --other-token go together';
  }
  if (!URL.canParse(url)) return `--url ${url} is not a URL`;
  return { deployed: { url: url.replace(/\/$/, ''), token, otherToken }, lists, json };
}
