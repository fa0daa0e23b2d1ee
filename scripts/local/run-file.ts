import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running installation keeps its state; below the folder that the command runs in. */
export const stateDirectory = join(process.cwd(), '.waybill');

/** Where the development issuer keeps its signing key. */
export const issuerDirectory = join(stateDirectory, 'issuer');

const runFile = join(stateDirectory, 'run.json');

/** Every address of a running installation, written once all of it is ready. */
export interface RunFile {
  /** The process that `npm start` runs in. */
  readonly pid: number;
  readonly intake: string;
  readonly history: string;
  readonly notify: string;
  /** These two answer probes and erasures only. */
  readonly resolver: string;
  readonly render: string;
  /** Mail inbox: its web page. */
  readonly inbox: string;
  /** Object storage: the S3 endpoint. */
  readonly storage: string;
  /** Brokers, comma-separated. */
  readonly kafka: string;
  readonly registry: string;
  readonly mongo: string;
  readonly redis: string;
  /** A development token of the demo company's requester. */
  readonly token: string;
}

export function writeRunFile(run: RunFile): void {
  mkdirSync(stateDirectory, { recursive: true });
  const partial = `${runFile}.partial`;
  writeFileSync(partial, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, runFile);
}

export function removeRunFile(): void {
  rmSync(runFile, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The running installation, or undefined. A file that a killed process left behind counts as none. */
export function readRunFile(): RunFile | undefined {
  if (!existsSync(runFile)) return undefined;
  const run = JSON.parse(readFileSync(runFile, 'utf8')) as RunFile; // written by writeRunFile
  return isAlive(run.pid) ? run : undefined;
}
