import { Router, type RouterOptions } from '@koa/router';
import type { Logger } from '@waybill/logging';
import type { Metrics } from '@waybill/telemetry';
import Koa from 'koa';
import { accessLog } from './access-log.ts';
import { isDisconnect } from './disconnect.ts';
import { problems } from './problems.ts';
import { requestContext } from './request-context.ts';
import type { HttpApp, HttpRouter, HttpState } from './types.ts';

export interface AppOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * The application that every service serves: request id and trace, access log and metrics, and each error, also of
 * Koa and the router, as problem+json. Add routes with `addRoutes`.
 */
export function createApp({ logger, metrics }: AppOptions): HttpApp {
  const app: HttpApp = new Koa<HttpState>();
  // What is thrown after the response began: a stream that broke off, or a client that went away.
  app.on('error', (error: unknown) => {
    if (!isDisconnect(error)) logger.error({ error }, 'response failed');
  });
  return app.use(requestContext(logger)).use(accessLog(metrics)).use(problems());
}

/** A router whose handlers see `ctx.state` as HttpState. */
export function createRouter(options: RouterOptions = {}): HttpRouter {
  return new Router<HttpState>(options);
}

/** Adds the routes, and an `Allow` header where another method is asked for. */
export function addRoutes(app: HttpApp, router: HttpRouter): HttpApp {
  app.use(router.routes()).use(router.allowedMethods());
  return app;
}
