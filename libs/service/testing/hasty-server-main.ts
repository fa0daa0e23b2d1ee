import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Requests a page from a server that ends the connection before the body is read, reads the body 0.5 s later, and prints
 * its length. With the argument `node` it uses Node's own client, which ends the process with an error.
 */
// Loads Node's client, as a library that is imported first may do. undici then finds the faulty dispatcher of Node.
new Response();
if (process.argv[2] !== 'node') (await import('../fetch.ts')).installFetch();

/** The size of the client's buffer: the last byte of the body pauses its parser. */
const body = Buffer.alloc(64 * 1024, 'a');
/** Head, body and end have to arrive separately. The client does not report that it has read one of them. */
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
