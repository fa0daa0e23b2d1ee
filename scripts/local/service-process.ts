import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { asError } from '@waybill/errors';
import { waitFor } from '@waybill/testbed';
import { freePort } from './free-port.ts';

export type ServiceName = 'intake' | 'resolver' | 'render' | 'notify' | 'history';

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  /** Directory for the log `<name>.log`. */
  readonly logDirectory: string;
  /** Called when the service ended unexpectedly, with the delay until its restart. */
  readonly onEvent: (line: string) => void;
}

/** One service as a separate process, which is restarted when it ends unexpectedly. */
export interface ServiceProcess {
  readonly name: ServiceName;
  readonly url: string;
  /** Where /livez, /readyz and /metrics are. */
  readonly operatorUrl: string;
  /** Returns the process id since the last start. */
  pid(): number | undefined;
  /** Resolves when `/readyz` answers 200. */
  untilReady(limitMs: number): Promise<void>;
  /** Stops the service with SIGTERM, and with SIGKILL if it has not ended after 27 s. */
  stop(): Promise<void>;
}

const restartFromMs = 500;
const restartToMs = 15_000;
/** After a run of this length the next restart has the shortest delay again. */
const healthyRunMs = 60_000;
const stopLimitMs = 27_000;
/** A service that ends this often before it is ready cannot start, for example because of wrong settings. */
const maximumRestarts = 3;

/** Starts a service and keeps it running until it is stopped. */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const { port } = options;
  const operatorPort = await freePort();
  const operatorUrl = `http://127.0.0.1:${operatorPort}`;
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(options.logDirectory, { recursive: true });
  const logPath = join(options.logDirectory, `${options.name}.log`);
  const log = createWriteStream(logPath, { flags: 'a' });
  const environment = {
    ...process.env,
    ...options.environment,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
    OPERATOR_PORT: String(operatorPort),
  };
  let child: ChildProcess = spawnService(options.name, environment, log);
  let stopping = false;
  let restarts = 0;
  let restartTimer: NodeJS.Timeout | undefined;
  watch(child, Date.now());

  function watch(started: ChildProcess, since: number): void {
    started.once('exit', (code, signal) => {
      if (stopping) return;
      restarts = Date.now() - since > healthyRunMs ? 0 : restarts + 1;
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
    operatorUrl,
    pid: () => child.pid,
    async untilReady(limitMs) {
      const isReady = async (): Promise<boolean> =>
        restarts >= maximumRestarts || (await answersOk(`${operatorUrl}/readyz`));
      await waitFor(isReady, { limitMs, everyMs: 50, what: `${options.name} to be ready (see ${logPath})` });
      if (restarts >= maximumRestarts) {
        throw new Error(`${options.name} does not start. ${lastLine(logPath)}`);
      }
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
  // The channel closes when this process ends for any reason, and the service stops then.
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

async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url);
  // The body is read, since an unread one can fail an assertion of Node's client when the service stops.
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
