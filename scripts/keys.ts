import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { keyEncryptionFromSettings, parseKeys, type KeySettings } from '@waybill/crypto';
import { asError } from '@waybill/errors';
import { openStore } from '@waybill/mongo';
import { createLogger } from '@waybill/observability';
import { keepTrying } from '@waybill/service';
import {
  newKeyId,
  nextStep,
  processKeys,
  readSettings,
  removal,
  writeSettings,
  type ProcessKeys,
  type Step,
} from './keys/rotation.ts';
import { countByKey, nameOf, places, rewrapPlace, type DatabaseOf } from './keys/stored-keys.ts';
import { readRunFile } from './local/run-file.ts';

/**
 * `npm run keys -- status|rotate|rewrap`: rotates the key-encryption keys in two steps, and wraps stored data keys again by
 * the current key. Exits with 1 if a step is not safe yet, or if a document cannot be read; with 2 if the command is wrong.
 */

const usage = `usage: npm run keys -- status|rotate|rewrap --file FILE [--process URL]… [--remove KEY_ID] [--mongo URL] [--prefix P]
  status     lists the keys, how many documents need each, and which processes know and use which
  rotate     writes the settings of the next step into FILE: first a new key that nobody uses; after every process was
             restarted with it, the key that all use; with --remove those without a key that no document needs
  rewrap     wraps every stored data key again by the current key
  --file     an environment file with KEY_ENCRYPTION_KEYS and KEY_ENCRYPTION_KEY_ID
  --process  the address of /metrics of one process (OPERATOR_PORT); may come several times, and must name every process
  --mongo    the MongoDB of the services; MONGODB_URL by default
  --prefix   put before the names of the databases, such as demo_ for demo_waybill_intake`;

type Command = 'status' | 'rotate' | 'rewrap';

interface Asked {
  readonly command: Command;
  readonly file: string;
  readonly processes: readonly string[];
  readonly remove: string | undefined;
  readonly mongo: string | undefined;
  readonly prefix: string;
}

function isCommand(text: string | undefined): text is Command {
  return text === 'status' || text === 'rotate' || text === 'rewrap';
}

function parsed() {
  return parseArgs({
    allowPositionals: true,
    options: {
      file: { type: 'string' },
      process: { type: 'string', multiple: true },
      remove: { type: 'string' },
      mongo: { type: 'string' },
      prefix: { type: 'string', default: '' },
    },
  });
}

/** Returns what the command line asks for; undefined if it is wrong. */
function asked({ values, positionals }: ReturnType<typeof parsed>): Asked | undefined {
  const [command, ...rest] = positionals;
  if (!isCommand(command) || rest.length > 0 || values.file === undefined) return undefined;
  const run = readRunFile();
  const running = run === undefined ? [] : Object.values(run.operators);
  const processes = values.process ?? running;
  // Without the processes nobody knows whether all can read a key.
  if (command === 'rotate' && values.remove === undefined && processes.length === 0) return undefined;
  const mongo = values.mongo ?? process.env['MONGODB_URL'] ?? run?.mongo;
  return { command, file: values.file, processes, remove: values.remove, mongo, prefix: values.prefix };
}

/** @throws Error that names the process that does not answer. */
async function keysOf(url: string): Promise<ProcessKeys> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
    return processKeys(url, await response.text());
  } catch (cause) {
    throw new Error(`${url} does not answer: ${asError(cause).message}`, { cause });
  }
}

/** A server that does not answer within this time counts as down. */
const serverMs = 30_000;

/** Works with the databases of the services, once MongoDB answers. */
async function withDatabases<T>(
  { mongo, prefix }: Asked,
  work: (databaseOf: DatabaseOf) => Promise<T>,
): Promise<T> {
  if (mongo === undefined) throw new Error('Say where MongoDB is: --mongo URL, or MONGODB_URL.');
  const logger = createLogger({ service: 'keys', level: 'fatal' });
  const store = openStore({ url: mongo, database: 'admin', logger });
  try {
    await keepTrying('mongodb', () => store.ping(), { signal: AbortSignal.timeout(serverMs), logger });
    return await work((service) => store.db.client.db(`${prefix}waybill_${service}`));
  } finally {
    await store.close();
  }
}

async function status(options: Asked, settings: KeySettings): Promise<boolean> {
  const known = parseKeys(settings.KEY_ENCRYPTION_KEYS);
  const counts = await withDatabases(options, (databaseOf) =>
    Promise.all(places.map(async (place) => ({ place, byKey: await countByKey(databaseOf, place) }))),
  );
  const ids = new Set([...known.keys(), ...counts.flatMap(({ byKey }) => [...byKey.keys()])]);
  for (const id of ids) {
    const use = id === settings.KEY_ENCRYPTION_KEY_ID ? 'current' : known.has(id) ? 'read' : 'unknown';
    const needed = counts.flatMap(({ place, byKey }) => {
      const count = byKey.get(id) ?? 0;
      return count === 0 ? [] : [`${nameOf(place)} ${count}`];
    });
    console.log(`${id}  ${use}  ${needed.length === 0 ? 'no document' : needed.join(', ')}`);
  }
  for (const { url, keyIds, currentKeyId } of await Promise.all(options.processes.map(keysOf))) {
    console.log(`${url}  uses ${currentKeyId ?? 'no key'}, knows ${keyIds.join(', ')}`);
  }
  return counts.every(({ byKey }) => [...byKey.keys()].every((id) => known.has(id)));
}

async function rotate(options: Asked, settings: KeySettings): Promise<boolean> {
  const step = await stepOf(options, settings);
  if (step.kind === 'wait') {
    console.error(`not yet: ${step.reason}`);
    return false;
  }
  const partial = `${options.file}.partial`;
  writeFileSync(partial, writeSettings(readFileSync(options.file, 'utf8'), step.settings), { mode: 0o600 });
  renameSync(partial, options.file);
  const next = {
    add: 'Restart every process with the file, then run rotate again.',
    use: 'Restart every process with the file, then run rewrap.',
    remove: 'Restart every process with the file.',
  };
  console.log(`${step.kind} ${step.keyId}. ${next[step.kind]}`);
  return true;
}

async function stepOf(options: Asked, settings: KeySettings): Promise<Step> {
  const { remove } = options;
  if (remove === undefined) {
    const processes = await Promise.all(options.processes.map(keysOf));
    return nextStep(settings, processes, newKeyId(new Date()));
  }
  const counts = await withDatabases(options, (databaseOf) =>
    Promise.all(places.map((place) => countByKey(databaseOf, place))),
  );
  return removal(
    settings,
    remove,
    counts.reduce((sum, byKey) => sum + (byKey.get(remove) ?? 0), 0),
  );
}

async function rewrapAll(options: Asked, settings: KeySettings): Promise<boolean> {
  const keys = keyEncryptionFromSettings(settings);
  return withDatabases(options, async (databaseOf) => {
    let readable = true;
    for (const place of places) {
      const { rewrapped, unreadable } = await rewrapPlace(databaseOf, place, keys);
      console.log(`${nameOf(place)}: rewrapped ${rewrapped}, unreadable ${unreadable}`);
      readable &&= unreadable === 0;
    }
    return readable;
  });
}

function fromCommandLine(): Asked | undefined {
  try {
    return asked(parsed());
  } catch {
    return undefined; // an option that does not exist
  }
}

const options = fromCommandLine();
if (options === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const commands = { status, rotate, rewrap: rewrapAll };
  try {
    const settings = readSettings(readFileSync(options.file, 'utf8'));
    process.exitCode = (await commands[options.command](options, settings)) ? 0 : 1;
  } catch (error) {
    console.error(asError(error).message);
    process.exitCode = 1;
  }
}
