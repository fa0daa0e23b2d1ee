import { createServer, type Socket } from 'node:net';

/** A mail server that receives a whole message and hangs up instead of answering. */
export interface HangUpServer extends AsyncDisposable {
  readonly url: string;
  /** How many whole messages it received. */
  readonly messages: number;
}

export async function startHangUpServer(): Promise<HangUpServer> {
  let messages = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let text = '';
    let inMessage = false;
    const receive = (line: string): void => {
      if (inMessage) {
        if (line !== '.') return;
        messages += 1;
        socket.destroy();
        return;
      }
      inMessage = line === 'DATA';
      socket.write(inMessage ? '354 go on\r\n' : '250 OK\r\n');
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
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
