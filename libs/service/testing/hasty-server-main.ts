import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Gets a page from a server that ends the connection while the body is unread, reads it a moment later, and prints how
 * much there was. With the argument `node`, by Node's own client, which does not live that long.
 */
// Loads Node's client, as a library may that is imported first: undici then finds a dispatcher, and it is the faulty one.
new Response();
if (process.argv[2] !== 'node') (await import('../fetch.ts')).installFetch();

/** As much as the client buffers: the last byte of the body pauses its parser. */
const body = Buffer.alloc(64 * 1024, 'a');
/** Head, body and end have to come one by one; there is no sign that the client has taken one of them in. */
const pauseMs = 50;

const server = createServer((socket) => {
  socket.once('data', () => void answer());
  async function answer(): Promise<void> {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`);
    await delay(pauseMs);
    socket.write(body);
    await delay(pauseMs);
    socket.end();
  }
});
const listening = Promise.withResolvers<string>();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  listening.resolve(`http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/`);
});
const response = await fetch(await listening.promise);
await delay(10 * pauseMs);
process.stdout.write(String((await response.text()).length));
process.exit(0);
