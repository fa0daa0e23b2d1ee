import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ControlHandlers {
  /** Returns any JSON value. */
  readonly status: () => Promise<unknown>;
  /** Stops all servers and resolves when they have ended. */
  readonly stop: () => Promise<void>;
}

export interface Control {
  readonly url: string;
  readonly token: string;
  readonly close: () => void;
}

function answer(response: ServerResponse, status: number, body: unknown): Promise<void> {
  return new Promise((resolve) => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body), resolve);
  });
}

/**
 * Listens on a loopback port for the status (`GET /status`) and the stop (`POST /stop`) of the background stack. The token
 * proves that the stack is the one that wrote the state. A refused connection means that it has ended.
 */
export async function openControl(handlers: ControlHandlers): Promise<Control> {
  const token = randomBytes(24).toString('hex');
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.headers.authorization !== `Bearer ${token}`) return answer(response, 401, {});
    switch (`${String(request.method)} ${String(request.url)}`) {
      case 'GET /status':
        return answer(response, 200, await handlers.status());
      case 'POST /stop':
        await handlers.stop();
        return answer(response, 200, {});
      default:
        return answer(response, 404, {});
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => answer(response, 500, { error: String(error) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // A TCP server's address is never a path, and not null while it listens.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, token, close: () => server.close() };
}
