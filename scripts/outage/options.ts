import { parseArgs } from 'node:util';
import { asError } from '@waybill/errors';
import { SERVER_NAMES, type ServerName } from '@waybill/testbed';

/** `hang` stops the server's process where it is (SIGSTOP); `refuse` kills it, so that connections are refused. */
export const outageModes = ['hang', 'refuse'] as const;
export type OutageMode = (typeof outageModes)[number];

export interface Outage {
  readonly server: ServerName;
  readonly mode: OutageMode;
  /** How long the server is away. */
  readonly seconds: number;
  readonly jobs: number;
}

export interface OutageOptions {
  /** One after the other, on one installation. */
  readonly outages: readonly Outage[];
  /** Contacts in each job's file. */
  readonly rows: number;
  readonly json: boolean;
}

export const outageUsage = `usage: npm run outage -- --server ${SERVER_NAMES.join('|')}|all [--mode hang|refuse|both] [--seconds 60] [--jobs 20] [--rows 2000] [--json]
  --mode   hang: the server accepts connections and never answers; refuse: it is killed and started again
  --jobs   half of them are accepted before the outage, half during it or after it
  --json   a last line of JSON for each outage`;

const largest = { seconds: 3_600, jobs: 1_000, rows: 10_000 } as const;

/** Returns the options, or the reason why they are not valid. */
export function readOutageOptions(args: readonly string[]): OutageOptions | string {
  let values;
  try {
    values = parseArgs({
      args: [...args],
      options: {
        server: { type: 'string', default: 'mongo' },
        mode: { type: 'string', default: 'hang' },
        seconds: { type: 'string', default: '60' },
        jobs: { type: 'string', default: '20' },
        rows: { type: 'string', default: '2000' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return asError(error).message;
  }
  const servers = SERVER_NAMES.filter((name) => values.server === 'all' || name === values.server);
  const modes = outageModes.filter((name) => values.mode === 'both' || name === values.mode);
  if (servers.length === 0) return `--server ${values.server} is not one of ${SERVER_NAMES.join(', ')}, all`;
  if (modes.length === 0) return `--mode ${values.mode} is not one of hang, refuse, both`;
  for (const name of ['seconds', 'jobs', 'rows'] as const) {
    const [value, most] = [Number(values[name]), largest[name]];
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      return `--${name} ${values[name]} is not a whole number from 1 to ${most}`;
    }
  }
  const [seconds, jobs] = [Number(values.seconds), Number(values.jobs)];
  return {
    outages: servers.flatMap((server) => modes.map((mode) => ({ server, mode, seconds, jobs }))),
    rows: Number(values.rows),
    json: values.json,
  };
}
