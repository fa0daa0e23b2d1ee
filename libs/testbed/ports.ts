import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { TestbedError } from './types.ts';

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
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new TestbedError(
    `No free port between ${String(LOWEST)} and ${String(HIGHEST)} in ${String(TRIES)} tries.`,
  );
}
