import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress, S3Keys } from './native/index.ts';
import { type MongoBackend, type ServerOptions, TestbedError } from './types.ts';
import { waybillPath } from './waybill-directory.ts';

const directories = new Set<string>();

/** Of a process that ends in the middle of a start; the watchers of the servers that run already do the rest. */
function removeAll(): void {
  for (const directory of directories) {
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // A server still writes into it, and its watcher removes it.
    }
  }
}

export interface PlaceForData {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** A new directory, which is removed when this process exits, if not before. */
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

/** Options with every default filled in. */
export interface Settings {
  readonly environment: NodeJS.ProcessEnv;
  readonly mongoBackend: MongoBackend;
  /** Of the native stack's MongoDB, in the form that -Xmx takes; undefined: what small data needs. */
  readonly mongoHeap: string | undefined;
  /** One directory per server is made in it. */
  readonly dataDirectory: string;
  readonly keepData: boolean;
  readonly logDirectory: string | undefined;
  readonly onProgress: Progress;
  readonly s3: S3Keys;
  /** Removes what was made for these settings and is not to be kept. */
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

/** Keys for a server on loopback that lives as long as its stack: new ones each time, so that none is worth keeping. */
const newKeys = (): S3Keys => ({
  region: 'us-east-1',
  accessKeyId: 'waybill',
  secretAccessKey: randomBytes(20).toString('hex'),
});

const keptDirectory = (path: string): PlaceForData => ({ path, remove: () => Promise.resolve() });

/** @throws TestbedError where an environment variable has a value that means nothing. */
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
    s3: newKeys(),
    remove: place.remove,
  };
}
