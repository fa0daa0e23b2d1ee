import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from './service-process.ts';

/** Directory for the state of a running installation, in the working directory. */
export const stateDirectory = join(process.cwd(), '.waybill');

/** Directory for the signing key of the development issuer. */
export const issuerDirectory = join(stateDirectory, 'issuer');

const runFile = join(stateDirectory, 'run.json');

/** The addresses of a running installation. Written when all services are ready. */
export interface RunFile {
  /** The process that `npm start` runs in. */
  readonly pid: number;
  readonly intake: string;
  readonly history: string;
  readonly notify: string;
  /** Resolver and render answer erasures only. */
  readonly resolver: string;
  readonly render: string;
  /** Where /livez, /readyz and /metrics of each service are. */
  readonly operators: Readonly<Record<ServiceName, string>>;
  /** Web page of the mail inbox. */
  readonly inbox: string;
  /** S3 endpoint of the object storage. */
  readonly storage: string;
  /** Comma-separated brokers. */
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

/** Returns the running installation, or undefined. Ignores the file of a killed process. */
export function readRunFile(): RunFile | undefined {
  if (!existsSync(runFile)) return undefined;
  const run = JSON.parse(readFileSync(runFile, 'utf8')) as RunFile; // written by writeRunFile
  return isAlive(run.pid) ? run : undefined;
}
