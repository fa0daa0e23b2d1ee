import type { IncomingMessage, ServerResponse } from 'node:http';
import { addRoutes, createApp, listen, type HttpApp, type HttpRouter, type HttpServer } from '@waybill/http';
import type { Logger, Metrics } from '@waybill/observability';
import type { Probes } from './probes.ts';

export interface ServeHttpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The port of the three operator paths; 0 takes any free port. */
  readonly operatorPort: number;
  /** The service's routes, or an application of `createApp` that has them. */
  readonly router?: HttpRouter | HttpApp;
  readonly probes: Probes;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Called before a request is routed; what it throws is the answer. */
  readonly beforeRequest?: () => void;
  /** How long open responses may continue after `stop()`; 5 s by default. */
  readonly graceMs?: number;
}

/** The two servers of a service. */
export interface ServiceServers extends HttpServer {
  readonly operatorPort: number;
}

/**
 * Serves the service's routes, and on a port of their own /livez, /readyz and /metrics: they show how the service is built
 * and need no session, so nobody but the operator may reach them. They are not in the access log, and answer even if the
 * application fails.
 * @throws ExportError CONFIGURATION_INVALID if a port is in use.
 */
export async function serveHttp(options: ServeHttpOptions): Promise<ServiceServers> {
  const operators = await serveOperators(options);
  const app = appOf(options).callback();
  try {
    const server = await listen((request, response) => void app(request, response), options);
    return {
      port: server.port,
      operatorPort: operators.port,
      // The probes last: they report that the service stops.
      stop: async () => {
        await server.stop();
        await operators.stop();
      },
    };
  } catch (error) {
    await operators.stop();
    throw error;
  }
}

function serveOperators(options: ServeHttpOptions): Promise<HttpServer> {
  const operations = operationsOf(options);
  const { host, operatorPort: port, logger } = options;
  return listen(
    (request, response) => {
      const operation = request.method === 'GET' ? operations[pathOf(request)] : undefined;
      if (operation === undefined) {
        response.writeHead(404).end();
        return;
      }
      operation(response).catch((error: unknown) => {
        logger.error({ error }, 'probe failed');
        response.writeHead(500).end();
      });
    },
    { host, port, logger, portSetting: 'OPERATOR_PORT' },
  );
}

function appOf({ router, logger, metrics, beforeRequest }: ServeHttpOptions): HttpApp {
  if (router !== undefined && isApp(router)) return router;
  const app = createApp({ logger, metrics });
  if (beforeRequest !== undefined) {
    app.use((_ctx, next) => {
      beforeRequest();
      return next();
    });
  }
  return router === undefined ? app : addRoutes(app, router);
}

function isApp(served: HttpRouter | HttpApp): served is HttpApp {
  return 'callback' in served;
}

type Operation = (response: ServerResponse) => Promise<void>;

function operationsOf({
  probes,
  metrics,
}: ServeHttpOptions): Readonly<Record<string, Operation | undefined>> {
  return {
    // Answers while the event loop runs. Dependencies are not checked: a restart of this process would not fix them.
    '/livez': (response) => {
      send(response, 200, 'application/json', '{"alive":true}');
      return Promise.resolve();
    },
    '/readyz': async (response) => {
      const { ready, checks } = await probes.check();
      send(response, ready ? 200 : 503, 'application/json', JSON.stringify({ ready, checks }));
    },
    '/metrics': async (response) =>
      send(response, 200, metrics.registry.contentType, await metrics.registry.metrics()),
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
