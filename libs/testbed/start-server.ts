import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { localAddresses } from './addresses.ts';
import type { Habitat } from './life.ts';
import { chooseMode } from './mode.ts';
import { type Ports, type ServerName, ensureBuilt, missingForNative } from './native/index.ts';
import { nativeHabitat } from './native/process.ts';
import { Server } from './server.ts';
import type { Settings } from './settings.ts';
import { type Mode, TestbedError } from './types.ts';

/**
 * Below the ports that Linux (32768) and macOS (49152) give to outgoing connections: of those, one could be taken while
 * a server is stopped, and a client that dials a closed one can even be connected to itself.
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

/** A loopback port that nothing listens on at this moment. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new TestbedError(
    `No free port between ${String(LOWEST)} and ${String(HIGHEST)} in ${String(TRIES)} tries.`,
  );
}

/** Another process may take a port between our look and the server's start. */
const PORT_TRIES = 3;
const PORT_TAKEN =
  /address already in use|failed to bind|bind: |BindException|port.*in use|port is already allocated/i;

/** A way to run servers that has been made ready: what had to be built is built. */
export interface Ground {
  readonly mode: Mode;
  readonly habitat: (server: ServerName, ports: Ports) => Promise<Habitat>;
}

function nativeGround(built: string, settings: Settings): Ground {
  const { mongoBackend, mongoHeap, s3, keepData, logDirectory } = settings;
  return {
    mode: 'native',
    async habitat(server, ports) {
      const dataDirectory = join(settings.dataDirectory, server);
      if (logDirectory !== undefined) await mkdir(logDirectory, { recursive: true });
      const logFile = join(logDirectory ?? dataDirectory, `${server}.log`);
      return nativeHabitat(server, {
        built,
        dataDirectory,
        ports,
        mongoBackend,
        mongoHeap,
        s3,
        logFile,
        keepData,
      });
    },
  };
}

/** Loaded only where containers are wanted or nothing else is left: the library takes half a second. */
const loadContainers = () => import('./containers/index.ts');

async function containerGround(servers: readonly ServerName[], settings: Settings): Promise<Ground> {
  const { containerHabitat, containerRecipe, pullImages } = await loadContainers();
  await pullImages(servers, settings.environment, settings.onProgress);
  return {
    mode: 'containers',
    habitat(server, ports) {
      const recipe = containerRecipe(server, ports, settings.s3, settings.environment);
      return Promise.resolve(containerHabitat(recipe, ports));
    },
  };
}

/** Chooses the mode and makes it ready for these servers. */
export async function prepareGround(
  servers: readonly ServerName[],
  wish: Mode | undefined,
  settings: Settings,
): Promise<Ground> {
  const mode = await chooseMode(wish ?? settings.environment['WAYBILL_STACK'], {
    missingForNative: () => missingForNative(servers),
    engineAnswers: async () => (await loadContainers()).engineAnswers(),
  });
  if (mode === 'containers') return containerGround(servers, settings);
  return nativeGround(await ensureBuilt(servers, settings.onProgress), settings);
}

/** Starts one server on free ports, and resolves when it answers. */
export async function startOn(ground: Ground, name: ServerName, settings: Settings): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = { first: await freePort(), second: await freePort() };
    const addresses = localAddresses(name, ports, settings.s3);
    const server = new Server(name, addresses, await ground.habitat(name, ports));
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
