import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress, S3Keys, SecureListener } from './native/index.ts';
import { type MongoBackend, type ServerOptions, TestbedError } from './types.ts';
import { waybillPath } from './waybill-directory.ts';

const directories = new Set<string>();

/** Removes the directories when a process exits during a start. Watchers remove those of running servers. */
function removeAll(): void {
  for (const directory of directories) {
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // A server is still writing to it. Its watcher removes the directory.
    }
  }
}

export interface PlaceForData {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** Creates a temporary directory, which is removed at the latest when this process exits. */
async function makeTemporaryDirectory(): Promise<PlaceForData> {
  const path = await mkdtemp(join(tmpdir(), 'waybill-'));
  if (directories.size === 0) process.once('exit', removeAll);
  directories.add(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      directories.delete(path);
      if (directories.size === 0) process.off('exit', removeAll);
    },
  };
}

/** Options with defaults. */
export interface Settings {
  readonly environment: NodeJS.ProcessEnv;
  readonly mongoBackend: MongoBackend;
  /** Heap of the native stack's MongoDB in the form of -Xmx. Undefined is enough for small data. */
  readonly mongoHeap: string | undefined;
  /** Contains one directory per server. */
  readonly dataDirectory: string;
  readonly keepData: boolean;
  readonly logDirectory: string | undefined;
  readonly onProgress: Progress;
  readonly secureListener: SecureListener | undefined;
  readonly s3: S3Keys;
  /** Removes temporary data. */
  readonly remove: () => Promise<void>;
}

function parseBackend(value: string | undefined, otherwise: MongoBackend): MongoBackend {
  if (value === undefined || value === '') return otherwise;
  if (value === 'memory' || value === 'h2') return value;
  throw new TestbedError(`WAYBILL_MONGO_BACKEND is "${value}", expected memory or h2.`);
}

function parseKept(value: string | undefined): boolean {
  if (value === undefined || value === '') return false;
  if (value === 'kept') return true;
  throw new TestbedError(
    `WAYBILL_STACK_DATA is "${value}", expected kept, or nothing for data that is removed.`,
  );
}

/** Returns new keys for a server on loopback. They are valid until its stack stops. */
const newKeys = (): S3Keys => ({
  region: 'us-east-1',
  accessKeyId: 'waybill',
  secretAccessKey: randomBytes(20).toString('hex'),
});

const keptDirectory = (path: string): PlaceForData => ({ path, remove: () => Promise.resolve() });

/** Returns the options with defaults from the environment. @throws TestbedError if a variable has an unknown value. */
export async function resolveSettings(options: ServerOptions): Promise<Settings> {
  const environment = options.environment ?? process.env;
  const wanted =
    options.dataDirectory ?? (parseKept(environment['WAYBILL_STACK_DATA']) ? waybillPath('data') : undefined);
  const mongoBackend =
    options.mongoBackend ??
    parseBackend(environment['WAYBILL_MONGO_BACKEND'], wanted === undefined ? 'memory' : 'h2');
  const place = wanted === undefined ? await makeTemporaryDirectory() : keptDirectory(wanted);
  return {
    environment,
    mongoBackend,
    mongoHeap: environment['WAYBILL_MONGO_HEAP'],
    dataDirectory: place.path,
    keepData: wanted !== undefined,
    logDirectory: options.logDirectory,
    onProgress: options.onProgress ?? ((line) => void process.stderr.write(`${line}\n`)),
    secureListener: options.secureListener,
    s3: newKeys(),
    remove: place.remove,
  };
}
