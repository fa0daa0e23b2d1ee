import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { uniqueName } from '@waybill/testbed';
import type { Installation } from './installation.ts';

/** A service as a process of its own, to be killed, stopped and continued. */
export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits until it is gone. */
  stop(): Promise<void>;
  /** Bytes of memory that are resident now, and the most that ever were. Linux only. */
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
  /** Where its log goes. */
  readonly log: string;
}

export interface ProcessOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** The process ends itself with SIGKILL when it reaches this moment for the nth time. */
  readonly crashAt?: { readonly moment: string; readonly times?: number };
  readonly nodeOptions?: readonly string[];
  /** Whether to wait until it is ready; so by default. */
  readonly untilReady?: boolean;
}

/** Starts resolver or render against an installation. */
export async function startProcess(
  service: 'resolver' | 'render',
  installation: Installation,
  options: ProcessOptions = {},
): Promise<ServiceProcess> {
  const directory = join(tmpdir(), 'waybill-pipeline-tests');
  mkdirSync(directory, { recursive: true });
  const log = join(directory, `${uniqueName(service)}.log`);
  const { crashAt } = options;
  const child = spawn(
    process.execPath,
    [...(options.nodeOptions ?? []), join(import.meta.dirname, `${service}-process.ts`)],
    {
      env: {
        PATH: process.env['PATH'],
        ...installation.environment,
        MONGODB_DATABASE: installation.database(service).databaseName,
        ...options.settings,
        ...(crashAt === undefined
          ? {}
          : { TEST_MOMENT: crashAt.moment, TEST_TIMES: String(crashAt.times ?? 1) }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const gone = once(child, 'exit').then(() => undefined);
  const lines = createWriteStream(log);
  child.stderr.pipe(lines, { end: false });
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.write(`${line}\n`);
      if (line.includes('"service ready"')) resolve();
    });
    void gone.then(() => reject(new Error(`${service} ended before it was ready; see ${log}`)));
  });
  ready.catch(() => undefined);
  if (options.untilReady ?? true) await ready;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${service} was not started`);

  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // A paused process hears nothing but this.
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    await gone;
  }

  return {
    pid,
    gone,
    log,
    signal: (signal) => void child.kill(signal),
    stop,
    async memory() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
      return { now: kib('VmRSS') * 1024, peak: kib('VmHWM') * 1024 };
    },
    [Symbol.asyncDispose]: stop,
  };
}
