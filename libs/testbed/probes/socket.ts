import { connect } from 'node:net';

/** A running server answers a probe in milliseconds. The limit is for servers that hang. */
const LIMIT_MS = 2_000;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Returns the first `host:port` of an address, with or without a scheme. */
export function endpointOf(address: string): Endpoint {
  const [first = ''] = address.replace(/^[a-z]+:\/\//, '').split(/[,/]/);
  const colon = first.lastIndexOf(':');
  return { host: first.slice(0, colon), port: Number(first.slice(colon + 1)) };
}

/**
 * Sends bytes and reads until `answer` returns a value for all bytes so far.
 *
 * @throws Error if the connection fails, closes early or takes longer than 2 s.
 */
export async function exchange<T>(
  { host, port }: Endpoint,
  request: Uint8Array | string,
  answer: (received: Buffer) => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const fail = (reason: Error): void => {
      socket.destroy();
      reject(reason);
    };
    socket.setTimeout(LIMIT_MS, () =>
      fail(new Error(`no answer from port ${String(port)} in ${String(LIMIT_MS)} ms`)),
    );
    socket.once('error', fail);
    socket.once('close', () => fail(new Error(`port ${String(port)} closed the connection`)));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        const result = answer(received);
        if (result === undefined) return;
        resolve(result);
        socket.destroy();
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
