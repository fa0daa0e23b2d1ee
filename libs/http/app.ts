import { Router, type RouterOptions } from '@koa/router';
import { asError } from '@waybill/errors';
import { childOf, parseTraceparent, type Logger, type Metrics } from '@waybill/observability';
import Koa, { type Middleware, type ParameterizedContext } from 'koa';
import { isDisconnect } from './disconnect.ts';
import { failLate, problems } from './problems.ts';
import { requestIdOf } from './request-id.ts';
import type { HttpApp, HttpContext, HttpRouter, HttpState } from './types.ts';

export interface AppOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Returns the application that every service serves: request id and trace, access log and metrics, and each error,
 * also of Koa and the router, as problem+json. Add routes with `addRoutes`.
 */
export function createApp({ logger, metrics }: AppOptions): HttpApp {
  const app: HttpApp = new Koa<HttpState>();
  app.on('error', responseFailures(logger));
  app.context.onerror = function (this: ParameterizedContext<HttpState>, error) {
    failLate(this, error);
  };
  return app.use(requestContext(logger)).use(accessLog(metrics)).use(problems());
}

/** Returns a listener that logs errors after the start of a response, such as its stream. Koa may emit one twice. */
function responseFailures(logger: Logger): (error: unknown, ctx?: Pick<HttpContext, 'state'>) => void {
  const logged = new WeakSet();
  return (thrown, ctx) => {
    const error = asError(thrown);
    if (isDisconnect(error) || logged.has(error)) return;
    logged.add(error);
    (ctx?.state.log ?? logger).error({ error }, 'response failed');
  };
}

/** Returns a router whose handlers have `ctx.state` as HttpState. */
export function createRouter(options: RouterOptions = {}): HttpRouter {
  return new Router<HttpState>(options);
}

/** Adds the routes, and an `Allow` header to the answer to a method that a route does not have. */
export function addRoutes(app: HttpApp, router: HttpRouter): HttpApp {
  app.use(router.routes()).use(router.allowedMethods());
  return app;
}

/** Sets `ctx.state`, and the headers that every response has. */
function requestContext(logger: Logger): Middleware<HttpState> {
  return async (ctx, next) => {
    ctx.state.requestId = requestIdOf(ctx.get('X-Request-Id'));
    ctx.state.traceparent = childOf(ctx.get('traceparent'));
    ctx.state.log = logger.child({
      request_id: ctx.state.requestId,
      trace_id: parseTraceparent(ctx.state.traceparent)?.traceId,
    });
    ctx.set('X-Request-Id', ctx.state.requestId);
    ctx.set('X-Content-Type-Options', 'nosniff');
    // Answers contain personal data: no proxy may store them. A handler may set another value.
    ctx.set('Cache-Control', 'no-store');
    await next();
  };
}

/** Other methods have the label OTHER: otherwise a client could fill the registry with labels. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The status in access logs of a request whose client disconnected before the answer (as nginx logs it). */
const clientClosedRequest = 499;

/** Logs and measures each request when its response is sent or abandoned. The query string is never logged. */
function accessLog(metrics: Metrics): Middleware<HttpState> {
  const seconds = metrics.histogram(
    'waybill_http_request_duration_seconds',
    'From the request to the last byte of the response',
    ['method', 'route', 'status'],
  );
  return async (ctx, next) => {
    const begin = performance.now();
    ctx.res.once('close', () => {
      const method = methods.has(ctx.method) ? ctx.method : 'OTHER';
      const route = routeOf(ctx);
      const status = ctx.res.writableFinished ? ctx.res.statusCode : clientClosedRequest;
      const elapsed = performance.now() - begin;
      seconds.observe({ method, route, status: String(status) }, elapsed / 1000);
      const { log, caller } = ctx.state;
      const company = caller === undefined ? {} : { company_id: caller.companyId };
      log.info({ method, route, status, duration_ms: Math.round(elapsed * 10) / 10, ...company }, 'request');
    });
    await next();
  };
}

/** Returns the pattern of the route, such as /export/status/:job_id: ids and searches stay out of logs and labels. */
function routeOf(ctx: ParameterizedContext<HttpState>): string {
  const route: unknown = ctx['_matchedRoute'];
  return typeof route === 'string' ? route : 'unmatched';
}
