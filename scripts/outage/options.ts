import { parseArgs } from 'node:util';
import { asError } from '@waybill/errors';
import { SERVER_NAMES, type ServerName } from '@waybill/testbed';

/** `hang` stops the server's process where it is (SIGSTOP); `refuse` kills it, so that connections are refused. */
export const outageModes = ['hang', 'refuse'] as const;
export type OutageMode = (typeof outageModes)[number];

export interface OutageOptions {
  readonly server: ServerName;
  readonly mode: OutageMode;
  /** How long the server is away. */
  readonly seconds: number;
  readonly jobs: number;
  /** Contacts in each job's file. */
  readonly rows: number;
  readonly json: boolean;
}

export const outageUsage = `usage: npm run outage -- --server ${SERVER_NAMES.join('|')} [--mode hang|refuse] [--seconds 60] [--jobs 20] [--rows 2000] [--json]
  --mode   hang: the server accepts connections and never answers; refuse: it is killed and started again
  --jobs   half of them are accepted before the outage, half during it or after it
  --json   one last line of JSON`;

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
  const server = SERVER_NAMES.find((name) => name === values.server);
  const mode = outageModes.find((name) => name === values.mode);
  if (server === undefined) return `--server ${values.server} is not one of ${SERVER_NAMES.join(', ')}`;
  if (mode === undefined) return `--mode ${values.mode} is neither hang nor refuse`;
  for (const name of ['seconds', 'jobs', 'rows'] as const) {
    const [value, most] = [Number(values[name]), largest[name]];
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      return `--${name} ${values[name]} is not a whole number from 1 to ${most}`;
    }
  }
  return {
    server,
    mode,
    seconds: Number(values.seconds),
    jobs: Number(values.jobs),
    rows: Number(values.rows),
    json: values.json,
  };
}
