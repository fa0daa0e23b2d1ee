import { Router, type RouterOptions } from '@koa/router';
import { asError } from '@waybill/errors';
import type { Logger, Metrics } from '@waybill/observability';
import Koa, { type ParameterizedContext } from 'koa';
import { accessLog } from './access-log.ts';
import { isDisconnect } from './disconnect.ts';
import { failLate, problems } from './problems.ts';
import { requestContext } from './request-context.ts';
import type { HttpApp, HttpContext, HttpRouter, HttpState } from './types.ts';

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
  app.on('error', responseFailures(logger));
  app.context.onerror = function (this: ParameterizedContext<HttpState>, error) {
    failLate(this, error);
  };
  return app.use(requestContext(logger)).use(accessLog(metrics)).use(problems());
}

/** Logs what breaks after the response began, such as its stream. Koa may tell of one error several times. */
function responseFailures(logger: Logger): (error: unknown, ctx?: Pick<HttpContext, 'state'>) => void {
  const told = new WeakSet();
  return (thrown, ctx) => {
    const error = asError(thrown);
    if (isDisconnect(error) || told.has(error)) return;
    told.add(error);
    (ctx?.state.log ?? logger).error({ error }, 'response failed');
  };
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
