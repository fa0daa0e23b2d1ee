import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

type Line = Readonly<Record<string, unknown>>;

/** The example service as a process, with its log lines. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Resolves with the exit status, or with null if a signal ended the process. */
  readonly exit: Promise<number | null>;
  readonly lines: () => readonly Line[];
  /** Returns the first line with this message, or undefined before it is logged. */
  line(message: string): Line | undefined;
  /** Returns the text that it wrote to standard error. */
  errors(): string;
}

/** Starts the example service with these settings. Of our own environment it gets PATH only. */
export function startService(
  settings: Readonly<Record<string, string>> = {},
  options: { readonly channel?: boolean } = {},
): ServiceProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'example-main.ts')], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe', ...(options.channel === true ? (['ipc'] as const) : [])],
  });
  if (child.stdout === null || child.stderr === null) throw new Error('The process has no output.');
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines = () =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      // A whole line is JSON of our own logger.
      .map((line) => JSON.parse(line) as Line);
  return {
    child,
    exit: exitOf(child, child.stdout),
    lines,
    line: (message) => lines().find((line) => line['message'] === message),
    errors: () => errors,
  };
}

/** Resolves with the exit status when all output is read. The event `close` is not emitted after a disconnect. */
async function exitOf(child: ChildProcess, output: Readable): Promise<number | null> {
  const ended = new Promise<void>((resolve) => output.once('close', resolve));
  const status = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  await ended;
  return status;
}
