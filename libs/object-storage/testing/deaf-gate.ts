import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** How the proxy treats an attempt to send a part. */
export type Fate = 'hangs' | 'hangs up' | 'passes';

/** A proxy of a real storage that forwards every request. An attempt to send a part meets a fate instead. */
export interface Gate extends AsyncDisposable {
  readonly endpoint: string;
  /** When each try of a part arrived, in milliseconds of the process's monotonic clock. */
  readonly tries: readonly number[];
}

/** Opens the proxy. Each attempt of a part has the next fate; attempts after the last one have the last fate. */
export async function openGate(storage: string, fates: readonly [Fate, ...Fate[]]): Promise<Gate> {
  const target = new URL(storage);
  const tries: number[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };

  const server = createServer((client) => {
    keep(client);
    let behind: Socket | undefined;
    let deaf = false;
    client.on('data', (bytes) => {
      if (deaf) return;
      // The head of a request arrives in one chunk with its first line, and no body of these tests contains this text.
      if (bytes.includes('partNumber=')) {
        const fate = fates[Math.min(tries.length, fates.length - 1)];
        tries.push(performance.now());
        if (fate === 'hangs up') client.destroy();
        deaf = fate !== 'passes';
        if (deaf) return;
      }
      behind ??= open(client);
      behind.write(bytes);
    });
    client.once('close', () => behind?.destroy());
  });

  function open(client: Socket): Socket {
    const socket = connect(Number(target.port), target.hostname);
    keep(socket);
    socket.on('data', (bytes) => client.write(bytes));
    socket.once('close', () => client.destroy());
    return socket;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gate has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    tries,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
