import { createServer, type Socket } from 'node:net';

/** What the server does instead of an answer: it hangs up, or says nothing and keeps the connection. */
export interface HangUpOptions {
  readonly instead?: 'hang-up' | 'silence';
  /**
   * The moment in each connection, in their order; the last one repeats. `content` is after the answer that the content
   * of the message may follow.
   */
  readonly at?: readonly ('recipient' | 'content' | 'message')[];
}

/** A mail server that receives a message and, by default, hangs up instead of answering. */
export interface HangUpServer extends AsyncDisposable {
  readonly url: string;
  /** How often it came to such a moment. */
  readonly messages: number;
  /** How many connections have ended. */
  readonly closed: number;
  /** Accepts the messages that it has been silent about. */
  accept(): void;
}

export async function startHangUpServer({
  instead = 'hang-up',
  at = ['message'],
}: HangUpOptions = {}): Promise<HangUpServer> {
  let messages = 0;
  let closed = 0;
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const moment = at[Math.min(connections, at.length - 1)];
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed += 1;
      sockets.delete(socket);
    });
    let text = '';
    let inMessage = false;
    const fail = (): void => {
      messages += 1;
      if (instead === 'hang-up') socket.destroy();
    };
    const receive = (line: string): void => {
      if (inMessage) {
        if (line === '.') fail();
        return;
      }
      if (moment === 'recipient' && line.startsWith('RCPT')) {
        fail();
        return;
      }
      inMessage = line === 'DATA';
      socket.write(inMessage ? '354 go on\r\n' : '250 OK\r\n');
      if (inMessage && moment === 'content') fail();
    };
    socket.write('220 ready\r\n');
    socket.on('data', (bytes) => {
      const lines = `${text}${bytes.toString('latin1')}`.split('\r\n');
      text = lines.pop() ?? '';
      for (const line of lines) receive(line);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    get messages() {
      return messages;
    },
    get closed() {
      return closed;
    },
    accept() {
      for (const socket of sockets) socket.write('250 OK\r\n');
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
