import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { asError } from '@waybill/errors';
import { waitFor } from '@waybill/testbed';

export type ServiceName = 'intake' | 'resolver' | 'render' | 'notify' | 'history';

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  /** Its log goes to `<name>.log` in here. */
  readonly logDirectory: string;
  /** Called when it ended without being asked to, and when it is up again. */
  readonly onEvent: (line: string) => void;
}

/** One service as a process of its own, started again when it ends by itself. */
export interface ServiceProcess {
  readonly name: ServiceName;
  readonly url: string;
  /** Process id of its present life. */
  pid(): number | undefined;
  /** Resolves when `/readyz` is green. */
  untilReady(limitMs: number): Promise<void>;
  /** SIGTERM; SIGKILL when it has not ended within its own 25 s. */
  stop(): Promise<void>;
}

const restartFromMs = 500;
const restartToMs = 15_000;
/** A life this long counts as healthy: the next restart is quick again. */
const healthyLifeMs = 60_000;
const stopLimitMs = 27_000;
/** A service that ended this often before it was ready will not start: its settings are wrong. */
const fewestTries = 3;

/** Starts a service and keeps it running until it is stopped. */
export function startService(options: ServiceOptions): ServiceProcess {
  const { port } = options;
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(options.logDirectory, { recursive: true });
  const logPath = join(options.logDirectory, `${options.name}.log`);
  const log = createWriteStream(logPath, { flags: 'a' });
  const environment = {
    ...process.env,
    ...options.environment,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
  };
  let child: ChildProcess = spawnService(options.name, environment, log);
  let stopping = false;
  let restarts = 0;
  let restartTimer: NodeJS.Timeout | undefined;
  watch(child, Date.now());

  function watch(life: ChildProcess, since: number): void {
    life.once('exit', (code, signal) => {
      if (stopping) return;
      restarts = Date.now() - since > healthyLifeMs ? 0 : restarts + 1;
      const delayMs = Math.min(restartToMs, restartFromMs * 2 ** Math.max(0, restarts - 1));
      options.onEvent(
        `${options.name} ended (${signal ?? `exit ${code ?? 0}`}); it starts again in ${delayMs} ms`,
      );
      restartTimer = setTimeout(() => {
        child = spawnService(options.name, environment, log);
        watch(child, Date.now());
      }, delayMs);
    });
  }

  return {
    name: options.name,
    url,
    pid: () => child.pid,
    async untilReady(limitMs) {
      const isReady = async (): Promise<boolean> =>
        restarts >= fewestTries || (await isGreen(`${url}/readyz`));
      await waitFor(isReady, { limitMs, everyMs: 50, what: `${options.name} to be ready (see ${logPath})` });
      if (restarts >= fewestTries) throw new Error(`${options.name} does not start. ${lastLine(logPath)}`);
    },
    stop: async () => {
      stopping = true;
      clearTimeout(restartTimer);
      await endProcess(child);
      log.end();
    },
  };
}

function spawnService(name: ServiceName, environment: NodeJS.ProcessEnv, log: WriteStream): ChildProcess {
  const main = join(import.meta.dirname, '..', '..', 'services', name, 'main.ts');
  // The channel closes when this process ends for any reason; the service then stops too.
  const child = spawn(process.execPath, [main], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once('error', (error) => log.write(`${asError(error).message}\n`));
  return child;
}

async function isGreen(url: string): Promise<boolean> {
  const response = await fetch(url);
  // Read, because a body that is left can fail an assertion of Node's client when the service stops.
  await response.arrayBuffer();
  return response.ok;
}

function lastLine(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';
}

function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const killer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    child.once('exit', () => {
      clearTimeout(killer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
