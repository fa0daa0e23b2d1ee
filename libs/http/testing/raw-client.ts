import { connect, type Socket } from 'node:net';

/** A client that sends any bytes, including those that an HTTP library does not send. */
export interface RawClient {
  readonly socket: Socket;
  /** Resolves when the operating system has the bytes, or the server has closed the connection. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** Resolves with everything received when the server closes the connection. */
  readonly answer: Promise<string>;
  /** Returns everything received so far. */
  received(): string;
}

/** Connects to a port of this machine. */
export async function rawClient(port: number): Promise<RawClient> {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (text += chunk));
  // A server that closes while we send resets the connection. The test checks what was received before that.
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
