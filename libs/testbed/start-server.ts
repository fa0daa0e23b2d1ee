import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { localAddresses } from './addresses.ts';
import type { ServerRunner } from './runner.ts';
import { chooseMode } from './mode.ts';
import { type Ports, type ServerName, ensureBuilt, missingForNative } from './native/index.ts';
import { nativeRunner } from './native/process.ts';
import { Server } from './server.ts';
import type { Settings } from './settings.ts';
import { type Mode, TestbedError } from './types.ts';

/**
 * Ports below those of outgoing connections (from 32768 on Linux and 49152 on macOS). A connection could take one of those
 * while a server is stopped, and a client that connects to a closed one can be connected to itself.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 200;

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Returns a free loopback port. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new TestbedError(
    `No free port between ${String(LOWEST)} and ${String(HIGHEST)} in ${String(TRIES)} tries.`,
  );
}

/** Attempts, since another process may take the port before the server starts. */
const PORT_TRIES = 3;
const PORT_TAKEN =
  /address already in use|failed to bind|bind: |BindException|port.*in use|port is already allocated/i;

/** A mode whose servers are built or pulled. */
export interface PreparedMode {
  readonly mode: Mode;
  readonly runner: (server: ServerName, ports: Ports) => Promise<ServerRunner>;
}

function prepareNative(built: string, settings: Settings): PreparedMode {
  const { mongoBackend, mongoHeap, s3, secureListener, keepData, logDirectory } = settings;
  return {
    mode: 'native',
    async runner(server, ports) {
      const dataDirectory = join(settings.dataDirectory, server);
      if (logDirectory !== undefined) await mkdir(logDirectory, { recursive: true });
      const logFile = join(logDirectory ?? dataDirectory, `${server}.log`);
      return nativeRunner(server, {
        built,
        dataDirectory,
        ports,
        mongoBackend,
        mongoHeap,
        s3,
        secureListener,
        logFile,
        keepData,
      });
    },
  };
}

/** Loads Testcontainers only if it is needed, since that takes half a second. */
const loadContainers = () => import('./containers/index.ts');

async function prepareContainers(servers: readonly ServerName[], settings: Settings): Promise<PreparedMode> {
  const { containerRunner, containerRecipe, pullImages } = await loadContainers();
  await pullImages(servers, settings.environment, settings.onProgress);
  return {
    mode: 'containers',
    runner(server, ports) {
      const recipe = containerRecipe(server, ports, settings.s3, settings.environment);
      return Promise.resolve(containerRunner(recipe, ports));
    },
  };
}

/** Chooses the mode, and builds or pulls these servers. */
export async function prepareMode(
  servers: readonly ServerName[],
  wish: Mode | undefined,
  settings: Settings,
): Promise<PreparedMode> {
  const mode = await chooseMode(wish ?? settings.environment['WAYBILL_STACK'], {
    missingForNative: () => missingForNative(servers),
    engineAnswers: async () => (await loadContainers()).engineAnswers(),
  });
  if (mode === 'containers') return prepareContainers(servers, settings);
  return prepareNative(await ensureBuilt(servers, settings.onProgress), settings);
}

/** Starts one server on free ports and resolves when it answers. */
export async function startOn(prepared: PreparedMode, name: ServerName, settings: Settings): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = { first: await freePort(), second: await freePort() };
    const addresses = localAddresses(name, ports, settings.s3);
    const server = new Server(name, addresses, await prepared.runner(name, ports));
    try {
      await server.start();
      return server;
    } catch (error) {
      const taken = error instanceof Error && PORT_TAKEN.test(error.message);
      if (!taken || attempt === PORT_TRIES) throw error;
      await server.discard();
    }
  }
}
