import {
  createServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: Logger;
  /** The setting of the port, for the error if the port is not available; HTTP_PORT by default. */
  readonly portSetting?: string;
  /** How long open responses may continue after `stop()`, such as event streams; 5 s by default. */
  readonly graceMs?: number;
  /** How long a client may take for its headers; 10 s by default. */
  readonly headersTimeoutMs?: number;
  /** How long a client may take for its whole request; 30 s by default. */
  readonly requestTimeoutMs?: number;
}

export interface HttpServer {
  readonly port: number;
  /** Accepts no more connections, waits for open responses within the grace period, then closes the rest. */
  stop(): Promise<void>;
}

/** Longer than the 60 s of common load balancers, which must be the side that closes an idle connection. */
const keepAliveTimeoutMs = 65_000;
/** How often Node checks for clients that are too slow with their headers or body, and disconnects them. */
const connectionsCheckMs = 1_000;

/**
 * Serves a listener.
 * @throws ExportError CONFIGURATION_INVALID if the host or the port is not available.
 */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<HttpServer> {
  const server = createServer({
    keepAliveTimeout: keepAliveTimeoutMs,
    headersTimeout: options.headersTimeoutMs ?? 10_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    connectionsCheckingInterval: connectionsCheckMs,
  });
  const open = new Set<ServerResponse>();
  let stopping: Promise<void> | undefined;
  server.on('request', (request, response) => {
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      if (stopping !== undefined) server.closeIdleConnections();
    });
    if (stopping !== undefined) response.setHeader('Connection', 'close');
    handler(request, response);
  });
  server.on('clientError', (error, socket) => {
    const answering = [...open].some((response) => response.socket === socket && response.headersSent);
    answerClientError(error, socket, { answering });
  });
  const port = await bind(server, options);
  server.on('error', (error) => options.logger.error({ error }, 'http server failed'));
  return { port, stop: () => (stopping ??= close(server, open, options.graceMs ?? 5_000)) };
}

function bind(server: Server, options: ListenOptions): Promise<number> {
  const { host, port, portSetting = 'HTTP_PORT' } = options;
  return new Promise((resolve, reject) => {
    const refused = (cause: Error) => {
      const reason = `Cannot listen on ${host}:${port} (${cause.message}). Set ${portSetting} to a free port, or to 0 for any.`;
      reject(new ExportError('CONFIGURATION_INVALID', { params: { reason }, cause }));
    };
    server.once('error', refused);
    server.listen({ host, port }, () => {
      server.off('error', refused);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server, open: ReadonlySet<ServerResponse>, graceMs: number): Promise<void> {
  for (const response of open) {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  }
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

/** Errors of Node's parser before there is a request, with the status of their answer. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers bytes that are not an HTTP request with a problem and closes; only closes if an answer has started. */
function answerClientError(
  error: Error & { readonly code?: string },
  socket: Duplex,
  { answering }: { readonly answering: boolean },
): void {
  if (!socket.writable || answering || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''] ?? 400;
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const body = JSON.stringify({ type: 'about:blank', title, status });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
