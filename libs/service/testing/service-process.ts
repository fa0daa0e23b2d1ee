import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

type Line = Readonly<Record<string, unknown>>;

/** The example service as a process, with what it logs. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Resolves with the exit status; null where a signal ended the process. */
  readonly exit: Promise<number | null>;
  readonly lines: () => readonly Line[];
  /** The first line with this message; undefined until it is logged. */
  line(message: string): Line | undefined;
  /** What it wrote to standard error. */
  errors(): string;
}

/** Starts it with these settings and nothing of our own environment but the PATH. */
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

/** The exit status, once the last of the output is read too. `close` would not do: it never comes after a disconnect. */
async function exitOf(child: ChildProcess, output: Readable): Promise<number | null> {
  const ended = new Promise<void>((resolve) => output.once('close', resolve));
  const status = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  await ended;
  return status;
}
