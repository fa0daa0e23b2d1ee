import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Habitat, Life } from '../life.ts';
import { type Launch, type LaunchOptions, type ServerName, launch } from './index.ts';
import type { StopKind } from '../types.ts';
import { waitFor } from '../wait.ts';

const TAIL_LINES = 25;

export interface NativeOptions extends LaunchOptions {
  readonly logFile: string;
  /** The data directory is left as it is after the last stop. */
  readonly keepData: boolean;
}

/** Runs a server as a process of this machine. */
export function nativeHabitat(server: ServerName, options: NativeOptions): Habitat {
  const { dataDirectory, keepData, logFile } = options;
  return {
    async begin() {
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

/** Kafka's controlled shutdown takes a second or two; longer than this is a hang, and the server is killed. */
const STOP_LIMIT_MS = 10_000;

export interface ProcessOptions {
  readonly logFile: string;
  /** Removed by the watcher when this process dies before it could. */
  readonly removeOnCrash: string | undefined;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function endWithin(child: ChildProcess, limitMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(limitMs, false, { signal: timer.signal }).catch(() => false);
  const result = await Promise.race([ended(child).then(() => true), late]);
  timer.abort();
  return result;
}

/** Reads the state from /proc (proc_pid_stat(5)); unknown where there is no /proc. */
async function isStopped({ pid }: ChildProcess): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') T');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

/** Starts a process in a session of its own (Ctrl-C is ours alone) which does not outlive this one. */
export function startProcess(launch: Launch, { logFile, removeOnCrash }: ProcessOptions): Life {
  const log = openSync(logFile, 'a');
  const child = spawn('sh', [join(import.meta.dirname, 'watched.sh'), launch.command, ...launch.args], {
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    env: { ...process.env, ...launch.environment, WAYBILL_REMOVE: removeOnCrash ?? '' },
  });
  closeSync(log);
  // Not standard input: Node closes that before it says that the process has ended.
  const [, , , watcher] = child.stdio;
  if (!(watcher instanceof Writable)) throw new Error('the pipe of the watcher is not there');
  watcher.on('error', () => undefined); // The watcher may be gone when it is written to.
  child.once('exit', () => watcher.end('ended\n'));
  const gone = ended(child);
  return {
    id: String(child.pid ?? ''),
    gone,
    async stop(kind: StopKind) {
      child.kill(kind === 'hard' ? 'SIGKILL' : 'SIGTERM');
      if (await endWithin(child, STOP_LIMIT_MS)) return;
      child.kill('SIGKILL');
      await gone;
    },
    async signal(signal) {
      child.kill(signal);
      if (signal !== 'SIGSTOP') return;
      // A busy machine lets it run on for a moment, and a server in that moment still answers.
      await waitFor(() => isStopped(child), {
        limitMs: 5_000,
        everyMs: 5,
        what: `${launch.command} to hang`,
      });
    },
  };
}
