import { connect, type Socket } from 'node:net';

/** A client that sends bytes as they are: what no HTTP library would send. */
export interface RawClient {
  readonly socket: Socket;
  /** Resolves once the bytes are handed to the system, or the server has closed. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** All that came until the server closed. */
  readonly answer: Promise<string>;
  /** What came so far. */
  received(): string;
}

export async function rawClient(port: number): Promise<RawClient> {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (text += chunk));
  // A server that closes while we send resets the connection: the test looks at what came before.
  socket.on('error', () => undefined);
  const answer = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  return {
    socket,
    received: () => text,
    answer,
    send: async (bytes) => {
      const handedOver = new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
      await Promise.race([handedOver, answer]);
    },
  };
}
