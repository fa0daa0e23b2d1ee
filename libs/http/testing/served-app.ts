import { createLogger, createMetrics } from '@waybill/observability';
import { addRoutes, createApp, createRouter, listen, type HttpRouter, type HttpServer } from '../index.ts';
import type { ListenOptions } from '../listen.ts';

/** An application on a free port, with its log lines and metrics. */
export interface ServedApp {
  readonly origin: string;
  readonly port: number;
  readonly server: HttpServer;
  /** Returns the log lines with this message, as objects. */
  lines(message: string): readonly Readonly<Record<string, unknown>>[];
  /** Returns the metrics in the text format of Prometheus. */
  metrics(): Promise<string>;
}

/** Serves routes in the same way as a service. */
export async function serve(
  routes: (router: HttpRouter) => void,
  options: Partial<ListenOptions> = {},
): Promise<ServedApp> {
  const written: string[] = [];
  const logger = createLogger({ service: 'test', destination: { write: (line) => written.push(line) } });
  const metrics = createMetrics('test', { processMetrics: false });
  const router = createRouter();
  routes(router);
  const app = addRoutes(createApp({ logger, metrics }), router).callback();
  const server = await listen((request, response) => void app(request, response), {
    host: '127.0.0.1',
    port: 0,
    logger,
    ...options,
  });
  return {
    origin: `http://127.0.0.1:${server.port}`,
    port: server.port,
    server,
    lines: (message) =>
      written
        // A line is JSON of our own logger.
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line['message'] === message),
    metrics: () => metrics.registry.metrics(),
  };
}
