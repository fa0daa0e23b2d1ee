import { accessSync, constants } from 'node:fs';
import { parseArgs } from 'node:util';
import { seedContacts } from '@waybill/fixtures';
import { asError, ExportError, textIn } from '@waybill/errors';
import { createLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { companyId } from '@waybill/domain';
import { readRunFile } from './local/run-file.ts';
import { crmDatabase } from './local/settings.ts';
import { checkContactFile, contactsOf } from './seed/contact-file.ts';

/**
 * `npm run seed -- --company C --file F.ndjson`: loads contacts of your own, one JSON object per line. Exits with 1 if
 * the file has faults or the database fails, and with 2 if the arguments are wrong.
 */

const usage = `usage: npm run seed -- --company C --file F.ndjson
  F holds one contact a line, in the form of libs/contacts/README.md; a contact that is there already is replaced`;

interface Wanted {
  readonly company: string;
  readonly file: string;
  readonly mongoUrl: string;
}

function wanted(): Wanted | string {
  let values: { company?: string | undefined; file?: string | undefined };
  try {
    values = parseArgs({ options: { company: { type: 'string' }, file: { type: 'string' } } }).values;
  } catch (error) {
    return asError(error).message;
  }
  const { company, file } = values;
  if (!company) return '--company is missing';
  if (!file) return '--file is missing';
  const mongoUrl = process.env['MONGODB_URL'] ?? readRunFile()?.mongo;
  if (mongoUrl === undefined) {
    return 'Waybill is not running here: start it with npm start, or set MONGODB_URL to the address of MongoDB.';
  }
  return { company, file, mongoUrl };
}

/** Checks and loads the file. @throws Error with the text to print. */
async function load({ company, file, mongoUrl }: Wanted): Promise<void> {
  accessSync(file, constants.R_OK);
  const check = await checkContactFile(file, company);
  if (check.faults.length > 0) {
    const further = check.furtherFaults > 0 ? [`and ${check.furtherFaults} more`] : [];
    throw new Error([`${file} was not loaded:`, ...check.faults, ...further].join('\n  '));
  }
  const logger = createLogger({ service: 'seed', level: 'warn' });
  const store = openStore({ url: mongoUrl, database: crmDatabase(''), logger });
  const lines: number[] = [];
  try {
    const loaded = await seedContacts(store.db, companyId(company), contactsOf(file, lines));
    console.log(`${loaded.written} contacts of ${company} loaded from ${file}`);
    if (loaded.undescribed.length > 0) {
      console.error(`Stored, but no field of the company describes them: ${loaded.undescribed.join(', ')}`);
    }
  } catch (error) {
    throw new Error(explained({ file, mongoUrl }, error, lines), { cause: error });
  } finally {
    await store.close();
  }
}

/** Returns the text to print for an error. Converts the position of a contact, which ignores blank lines, to its line. */
function explained(
  from: Pick<Wanted, 'file' | 'mongoUrl'>,
  error: unknown,
  lines: readonly number[],
): string {
  if (!(error instanceof ExportError)) return asError(error).message;
  if (error.code === 'SERVICE_UNAVAILABLE') {
    // Only the host is printed, since the URL may contain a password.
    return `MongoDB does not answer at ${URL.parse(from.mongoUrl)?.host ?? 'its address'}: is Waybill running?`;
  }
  const faults = error.errors.map(({ path, message }) => {
    const [position = '', ...rest] = path.split('.');
    const line = lines[Number(position) - 1] ?? position;
    return `line ${line}: ${[...rest, textIn(message, 'en')].join(': ')}`;
  });
  return faults.length === 0 ? error.message : [`${from.file} was loaded in part:`, ...faults].join('\n  ');
}

const asked = wanted();
if (typeof asked === 'string') {
  console.error(`${asked}\n${usage}`);
  process.exitCode = 2;
} else {
  try {
    await load(asked);
  } catch (error) {
    console.error(asError(error).message);
    process.exitCode = 1;
  }
}
