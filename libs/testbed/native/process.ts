import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerRunner, ServerRun } from '../runner.ts';
import { type Launch, type LaunchOptions, type ServerName, launch } from './index.ts';
import type { StopKind } from '../types.ts';
import { waitFor } from '../wait.ts';

const TAIL_LINES = 25;

export interface NativeOptions extends LaunchOptions {
  readonly logFile: string;
  /** Whether the data directory is kept after the last stop. */
  readonly keepData: boolean;
}

/** Returns the runner of a server as a process of this machine. */
export function nativeRunner(server: ServerName, options: NativeOptions): ServerRunner {
  const { dataDirectory, keepData, logFile } = options;
  return {
    async start() {
      await mkdir(dataDirectory, { recursive: true });
      return startProcess(await launch(server, options), {
        logFile,
        removeOnCrash: keepData ? undefined : dataDirectory,
      });
    },
    async logTail() {
      const text = await readFile(logFile, 'utf8').catch(() => '');
      return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    },
    async remove() {
      if (!keepData) await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Kafka's controlled shutdown takes 1 to 2 s. A server that takes longer than this is killed. */
const STOP_LIMIT_MS = 10_000;

export interface ProcessOptions {
  readonly logFile: string;
  /** Directory that the watcher removes if this process is killed. */
  readonly removeOnCrash: string | undefined;
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function endWithin(child: ChildProcess, limitMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(limitMs, false, { signal: timer.signal }).catch(() => false);
  const result = await Promise.race([exited(child).then(() => true), late]);
  timer.abort();
  return result;
}

/** Returns whether a process is stopped, from /proc (proc_pid_stat(5)). Returns true on systems without /proc. */
async function isStopped({ pid }: ChildProcess): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') T');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

/** Starts a process in its own session, which Ctrl-C does not reach. It ends with this process. */
export function startProcess(launch: Launch, { logFile, removeOnCrash }: ProcessOptions): ServerRun {
  const log = openSync(logFile, 'a');
  const child = spawn('sh', [join(import.meta.dirname, 'watched.sh'), launch.command, ...launch.args], {
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...process.env, ...launch.environment, WAYBILL_REMOVE: removeOnCrash ?? '' },
  });
  closeSync(log);
  // Not standard input, since Node closes that before it emits `exit`.
  const [, , , watcher] = child.stdio;
  if (!(watcher instanceof Writable)) throw new Error('the watcher has no pipe');
  watcher.on('error', () => undefined); // The watcher may have ended before the write.
  child.once('exit', () => watcher.end('ended\n'));
  const ended = exited(child);
  return {
    id: String(child.pid ?? ''),
    ended,
    async stop(kind: StopKind) {
      child.kill(kind === 'hard' ? 'SIGKILL' : 'SIGTERM');
      if (await endWithin(child, STOP_LIMIT_MS)) return;
      child.kill('SIGKILL');
      await ended;
    },
    async signal(signal) {
      child.kill(signal);
      if (signal !== 'SIGSTOP') return;
      // On a busy machine the server can still answer for a moment after the signal.
      await waitFor(() => isStopped(child), {
        limitMs: 5_000,
        everyMs: 5,
        what: `${launch.command} to hang`,
      });
    },
  };
}
