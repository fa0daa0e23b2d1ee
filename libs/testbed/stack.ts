import { SERVER_NAMES, type ServerName } from './native/index.ts';
import { fromEnvironment, hasServer } from './addresses.ts';
import type { Server } from './server.ts';
import { resolveSettings, type Settings } from './settings.ts';
import { prepareMode, startOn } from './start-server.ts';
import type { Addresses, AddressesOf, DedicatedServer, ServerOptions, Stack, StackOptions } from './types.ts';

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Starts all servers at the same time. If one fails, stops the others before this rejects. */
async function startAll(
  names: readonly ServerName[],
  options: ServerOptions,
  settings: Settings,
): Promise<{ mode: Stack['mode']; started: Server[] }> {
  if (names.length === 0) return { mode: undefined, started: [] };
  const prepared = await prepareMode(names, options.mode, settings);
  const since = performance.now();
  settings.onProgress(`starting ${names.join(', ')} (${prepared.mode})`);
  const results = await Promise.allSettled(
    names.map(async (name) => {
      const server = await startOn(prepared, name, settings);
      settings.onProgress(`${name} is up after ${seconds(since)}`);
      return server;
    }),
  );
  const started = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return { mode: prepared.mode, started };
  await Promise.all(started.map((server) => server.discard()));
  throw failed.reason;
}

/**
 * Starts the servers without an address in the environment, and resolves when each answers in its own protocol. They end
 * with this process at the latest, even if it is killed.
 *
 * @throws TestbedError or NativeStackError with what is missing or with the end of the server's log.
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
    // Each server is either in the environment or started here.
    addresses: addresses as AddressesOf<N>,
    servers: Object.fromEntries(started.map((server) => [server.name, server])),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Starts a dedicated server for a test that stops it, even if the environment has an address of such a server.
 *
 * @throws TestbedError or NativeStackError like `startStack`.
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
  if (server === undefined) throw new Error(`${name} was started, but is missing`);
  const discard = async (): Promise<void> => {
    await server.discard();
    await settings.remove();
  };
  return {
    name,
    get id() {
      return server.id;
    },
    // `localAddresses` returned the addresses of this name.
    addresses: server.addresses as AddressesOf<N>,
    stop: (kind) => server.stop(kind),
    start: () => server.start(),
    signal: (signal) => server.signal(signal),
    logTail: () => server.logTail(),
    discard,
    [Symbol.asyncDispose]: discard,
  };
}
