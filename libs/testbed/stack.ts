import { SERVER_NAMES, type ServerName } from './native/index.ts';
import { fromEnvironment, hasServer } from './addresses.ts';
import type { Server } from './server.ts';
import { resolveSettings, type Settings } from './settings.ts';
import { prepareGround, startOn } from './start-server.ts';
import type { Addresses, AddressesOf, DedicatedServer, ServerOptions, Stack, StackOptions } from './types.ts';

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Starts all of them at once; where one fails, the others are stopped before this rejects. */
async function startAll(
  names: readonly ServerName[],
  options: ServerOptions,
  settings: Settings,
): Promise<{ mode: Stack['mode']; started: Server[] }> {
  if (names.length === 0) return { mode: undefined, started: [] };
  const ground = await prepareGround(names, options.mode, settings);
  const since = performance.now();
  settings.onProgress(`starting ${names.join(', ')} (${ground.mode})`);
  const results = await Promise.allSettled(
    names.map(async (name) => {
      const server = await startOn(ground, name, settings);
      settings.onProgress(`${name} is up after ${seconds(since)}`);
      return server;
    }),
  );
  const started = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return { mode: ground.mode, started };
  await Promise.all(started.map((server) => server.discard()));
  throw failed.reason;
}

/**
 * Starts the servers that the environment gives no address of, and resolves when each answers in its own protocol.
 * They end with this process at the latest, however it ends.
 *
 * @throws TestbedError or NativeStackError; the message says what is missing, or has the end of the server's log.
 */
export async function startStack<N extends ServerName = ServerName>(
  options: StackOptions<N> = {},
): Promise<Stack<N>> {
  const names: readonly ServerName[] = options.servers ?? SERVER_NAMES;
  const given = fromEnvironment(options.environment ?? process.env);
  const settings = await resolveSettings(options);
  const missing = names.filter((name) => !hasServer(given, name));
  const { mode, started } = await startAll(missing, options, settings).catch(async (error: unknown) => {
    await settings.remove();
    throw error;
  });
  const addresses = started.reduce<Partial<Addresses>>(
    (all, server) => ({ ...all, ...server.addresses }),
    given,
  );
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.discard()));
    await settings.remove();
  };
  return {
    mode,
    // Each of the names is either given or started.
    addresses: addresses as AddressesOf<N>,
    servers: Object.fromEntries(started.map((server) => [server.name, server])),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Starts a server of one's own, even where the environment gives an address of such a server: for tests that stop it.
 *
 * @throws TestbedError or NativeStackError, as `startStack` does.
 */
export async function startServer<N extends ServerName>(
  name: N,
  options: ServerOptions = {},
): Promise<DedicatedServer<N>> {
  const settings = await resolveSettings(options);
  const { started } = await startAll([name], options, settings).catch(async (error: unknown) => {
    await settings.remove();
    throw error;
  });
  const [server] = started;
  if (server === undefined) throw new Error(`${name} was started, but is not there`);
  const discard = async (): Promise<void> => {
    await server.discard();
    await settings.remove();
  };
  return {
    name,
    get id() {
      return server.id;
    },
    // Made for this name by `localAddresses`.
    addresses: server.addresses as AddressesOf<N>,
    stop: (kind) => server.stop(kind),
    start: () => server.start(),
    signal: (signal) => server.signal(signal),
    logTail: () => server.logTail(),
    discard,
    [Symbol.asyncDispose]: discard,
  };
}
