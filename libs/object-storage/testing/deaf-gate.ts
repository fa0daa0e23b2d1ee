import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * How the proxy treats a request. `loses the answer`: forwards it, and hangs up when the storage answers. A status with a
 * code: answers like this in place of the storage.
 */
export type Fate =
  'hangs' | 'hangs up' | 'loses the answer' | 'passes' | { readonly status: number; readonly code: string };

/** The first bytes of the requests that meet a fate. */
const requests = {
  part: /^PUT \S+[?&]partNumber=/,
  completion: /^POST \S+[?&]uploadId=/,
  put: /^PUT /,
} as const;

/** A proxy of a real storage that forwards every request. Requests of one kind meet a fate instead. */
export interface Gate extends AsyncDisposable {
  readonly endpoint: string;
  /** When each of these requests arrived, in milliseconds of the process's monotonic clock. */
  readonly tries: readonly number[];
}

/** Opens the proxy. Each request of the kind has the next fate; requests after the last one have the last fate. */
export async function openGate(
  storage: string,
  fates: readonly [Fate, ...Fate[]],
  kind: keyof typeof requests = 'part',
): Promise<Gate> {
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
    let losesAnswer = false;
    client.on('data', (bytes) => {
      if (deaf) return;
      // A request starts a chunk, and no body of these tests starts like one.
      if (requests[kind].test(bytes.toString('latin1', 0, 2_000))) {
        const fate = fates[Math.min(tries.length, fates.length - 1)];
        tries.push(performance.now());
        if (fate === 'hangs up') client.destroy();
        losesAnswer = fate === 'loses the answer';
        deaf = fate !== 'passes' && !losesAnswer;
        if (typeof fate === 'object') client.end(refusal(fate));
        if (deaf) return;
      }
      behind ??= open(client, () => losesAnswer);
      behind.write(bytes);
    });
    client.once('close', () => behind?.destroy());
  });

  function open(client: Socket, losesAnswer: () => boolean): Socket {
    const socket = connect(Number(target.port), target.hostname);
    keep(socket);
    socket.on('data', (bytes) => {
      // `100 Continue` only asks for the body.
      if (losesAnswer() && !bytes.toString('latin1', 0, 20).includes(' 100 ')) client.destroy();
      else client.write(bytes);
    });
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

function refusal({ status, code }: Extract<Fate, object>): string {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
  return `HTTP/1.1 ${status} ${code}\r\ncontent-type: application/xml\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}
