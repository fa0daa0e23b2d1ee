import {
  createServer,
  STATUS_CODES,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { defaultLanguage, ExportError, type ErrorCode } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { problemOf, problemType } from './problem.ts';
import { requestIdOf } from './request-id.ts';

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
    const onSocket = [...open].filter((response) => response.socket === socket);
    answerClientError(error, socket, onSocket.find((response) => response.headersSent) ?? onSocket[0]);
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

/** Codes of Node's errors before a request is complete; every other one is MALFORMED_REQUEST. */
const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** An error of Node's parser, with the bytes that it could not read. */
type ClientError = Error & { readonly code?: string; readonly rawPacket?: Buffer };

/**
 * Answers bytes that are not a complete HTTP request with a problem and closes the connection; only closes it if an
 * answer has started. The headers may be unread, so the problem is in the default language.
 */
function answerClientError(error: ClientError, socket: Duplex, open: ServerResponse | undefined): void {
  if (!socket.writable || open?.headersSent === true || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const failure = new ExportError(codes[error.code ?? ''] ?? 'MALFORMED_REQUEST', { cause: error });
  const { requestId, path } = beginningOf(error, open);
  const instance = path ?? `urn:uuid:${requestId}`;
  const body = JSON.stringify(problemOf(failure, { language: defaultLanguage, instance, requestId }));
  const head = [
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ''}`,
    `Content-Type: ${problemType}`,
    `Content-Language: ${defaultLanguage}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Returns the request id, and the path if the request line was readable. */
function beginningOf({ rawPacket }: ClientError, open: ServerResponse | undefined) {
  if (open !== undefined) {
    return { requestId: requestIdOf(open.getHeader('X-Request-Id')), path: open.req.url?.split('?', 1)[0] };
  }
  const text = rawPacket?.toString('latin1') ?? '';
  return {
    requestId: requestIdOf(/^x-request-id: *(\S+)\r$/im.exec(text)?.[1]),
    path: /^[A-Z]+ (\/[^\s?]*)/.exec(text)?.[1],
  };
}
