import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { uniqueName, waitFor } from '@waybill/testbed';
import { toEnvironment, type CrashPoint } from './crash-point.ts';
import type { Installation } from './installation.ts';

/** A service as a separate process, which can be killed, paused and continued. */
export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  /** Port of its /metrics. 0 until it is ready. */
  readonly operatorPort: number;
  /** Resolves when the process was killed. */
  killed(limitMs: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process is paused. Linux only. */
  paused(limitMs: number): Promise<void>;
  /** Stops the process with SIGTERM and resolves when it has ended. */
  stop(): Promise<void>;
  /** Returns the current and the peak resident memory in bytes. Linux only. */
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
  /** Path of its log. */
  readonly log: string;
}

export interface ProcessOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** The step at which the process kills or pauses itself. */
  readonly crash?: CrashPoint;
  readonly nodeOptions?: readonly string[];
  /** Whether to wait until it is ready. True by default. */
  readonly untilReady?: boolean;
}

/** Starts resolver or render in an installation. */
export async function startProcess(
  service: 'resolver' | 'render',
  installation: Installation,
  options: ProcessOptions = {},
): Promise<ServiceProcess> {
  const directory = join(tmpdir(), 'waybill-pipeline-tests');
  mkdirSync(directory, { recursive: true });
  const log = join(directory, `${uniqueName(service)}.log`);
  const child = spawn(
    process.execPath,
    [...(options.nodeOptions ?? []), join(import.meta.dirname, `${service}-process.ts`)],
    {
      env: {
        PATH: process.env['PATH'],
        ...installation.environment,
        MONGODB_DATABASE: installation.database(service).databaseName,
        ...options.settings,
        ...(options.crash === undefined ? {} : toEnvironment(options.crash)),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = once(child, 'exit').then(() => undefined);
  const lines = createWriteStream(log);
  child.stderr.pipe(lines, { end: false });
  let operatorPort = 0;
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.write(`${line}\n`);
      if (!line.includes('"service ready"')) return;
      operatorPort = Number(/"operator_port":(\d+)/.exec(line)?.[1]);
      resolve();
    });
    void exited.then(() => reject(new Error(`${service} ended before it was ready; see ${log}`)));
  });
  ready.catch(() => undefined);
  if (options.untilReady ?? true) await ready;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${service} was not started`);

  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // A paused process handles no other signal.
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    await exited;
  }

  return {
    pid,
    get operatorPort() {
      return operatorPort;
    },
    async killed(limitMs) {
      await waitFor(() => child.signalCode === 'SIGKILL', { limitMs, what: `${service} to be killed` });
    },
    log,
    signal: (signal) => void child.kill(signal),
    stop,
    async paused(limitMs) {
      await waitFor(async () => /^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8')), {
        limitMs,
        what: `${service} to be paused`,
      });
    },
    async memory() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
      return { now: kib('VmRSS') * 1024, peak: kib('VmHWM') * 1024 };
    },
    [Symbol.asyncDispose]: stop,
  };
}
