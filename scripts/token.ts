import { parseArgs } from 'node:util';
import { issueDevelopmentToken } from '@waybill/auth';
import { createLogger } from '@waybill/observability';
import { permissions, type Permission } from '@waybill/domain';
import { recordMembers, requesterOf } from './local/company.ts';
import { issuerDirectory, readRunFile } from './local/run-file.ts';
import { crmDatabase } from './local/settings.ts';
import { tokenClaims } from './local/token.ts';

/** `npm run token -- --company C --user U [--permission P…]`: prints a development token only. */

const usage = `usage: npm run token -- --company C --user U [--permission P]…
  P is one of ${permissions.join(', ')}; all of them by default`;

interface Wanted {
  readonly company: string;
  readonly user: string;
  readonly permissions: readonly Permission[];
}

function readArguments(): Wanted | undefined {
  const { values } = parseArgs({
    options: {
      company: { type: 'string' },
      user: { type: 'string' },
      permission: { type: 'string', multiple: true },
    },
  });
  const granted = values.permission ?? [...permissions];
  if (!values.company || !values.user || !granted.every(isPermission)) return undefined;
  return { company: values.company, user: values.user, permissions: granted };
}

function isPermission(value: string): value is Permission {
  return (permissions as readonly string[]).includes(value); // widened so that any text can be looked up
}

function wanted(): Wanted {
  try {
    const read = readArguments();
    if (read !== undefined) return read;
  } catch {
    // parseArgs throws for an unknown flag. The usage lists the known ones.
  }
  console.error(usage);
  process.exit(2);
}

const asked = wanted();
const requester = requesterOf(asked.company, asked.user, asked.permissions);
const run = readRunFile();
if (run === undefined) {
  console.error(
    'Waybill is not running here: the token is valid, but the CRM does not know this member yet (npm start).',
  );
} else {
  // The resolver reads permissions from the CRM again, so the CRM must have the member.
  const logger = createLogger({ service: 'token', level: 'warn' });
  await recordMembers({ mongoUrl: run.mongo, database: crmDatabase(''), logger }, [requester]);
}
console.log(await issueDevelopmentToken(issuerDirectory, tokenClaims(requester)));
