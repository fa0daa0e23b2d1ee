import { parseArgs } from 'node:util';
import { asError } from '@waybill/errors';
import { redrivableServices, type RedrivableService } from '@waybill/schemas';

export interface RedriveOptions {
  readonly service: RedrivableService;
  /** Event ids; undefined: all. */
  readonly ids: ReadonlySet<string> | undefined;
  /** Only lists the dead letters. */
  readonly dryRun: boolean;
  readonly json: boolean;
}

export const redriveUsage = `usage: npm run redrive -- --service ${redrivableServices.join('|')} [--id EVENT_ID]… [--all] [--dry-run] [--json]
  --id       this dead letter; may come several times
  --all      every dead letter that was not redriven yet
  --dry-run  lists those (all of them without --id) and changes nothing
  --json     one line of JSON for each
  KAFKA_BROKERS, KAFKA_TLS, KAFKA_SASL_… and TOPIC_PREFIX say where; without them the installation that runs here is meant.`;

function isRedrivable(service: string): service is RedrivableService {
  return (redrivableServices as readonly string[]).includes(service); // widened so that any text can be looked up
}

/** Returns the options, or the reason why they are not valid. */
export function readRedriveOptions(args: readonly string[]): RedriveOptions | string {
  let values;
  try {
    values = parseArgs({
      args: [...args],
      options: {
        service: { type: 'string' },
        id: { type: 'string', multiple: true },
        all: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return asError(error).message;
  }
  const { service, id, all, 'dry-run': dryRun, json } = values;
  if (!service) return '--service is missing';
  if (service === 'resolver' || service === 'render') {
    return `${service} has no retry topic; retry the job instead: POST /iag/v1/contacts/export/JOB_ID/retry`;
  }
  if (!isRedrivable(service)) return `${service} is not one of ${redrivableServices.join(', ')}`;
  if (all && id !== undefined) return '--all and --id exclude each other';
  if (!all && id === undefined && !dryRun) return 'say which: --id EVENT_ID, or --all; --dry-run lists them';
  return { service, ids: id === undefined ? undefined : new Set(id), dryRun, json };
}
