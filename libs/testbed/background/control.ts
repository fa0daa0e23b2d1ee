import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ControlHandlers {
  /** Any JSON value. */
  readonly status: () => Promise<unknown>;
  /** Resolves when all is stopped. */
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
 * A loopback port by which the background stack is asked (`GET /status`) and stopped (`POST /stop`): who knows the
 * token talks to the very stack that wrote the state, and a refused connection says that it is gone.
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
