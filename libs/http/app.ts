import { randomUUID } from 'node:crypto';
import { Router, type RouterOptions } from '@koa/router';
import { asError } from '@waybill/errors';
import { childOf, parseTraceparent, type Logger, type Metrics } from '@waybill/observability';
import Koa, { type Middleware, type ParameterizedContext } from 'koa';
import { isDisconnect } from './disconnect.ts';
import { failLate, problems } from './problems.ts';
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

/** Enough for UUIDs, ULIDs and the ids of common proxies; nothing that could forge a log line. */
const wellFormed = /^[\w.-]{8,128}$/;

/** Fills `ctx.state`, and sets the headers that every response has. */
function requestContext(logger: Logger): Middleware<HttpState> {
  return async (ctx, next) => {
    const given = ctx.get('X-Request-Id');
    ctx.state.requestId = wellFormed.test(given) ? given : randomUUID();
    ctx.state.traceparent = childOf(ctx.get('traceparent'));
    ctx.state.log = logger.child({
      request_id: ctx.state.requestId,
      trace_id: parseTraceparent(ctx.state.traceparent)?.traceId,
    });
    ctx.set('X-Request-Id', ctx.state.requestId);
    ctx.set('X-Content-Type-Options', 'nosniff');
    // Answers hold personal data: nothing between us and the caller may keep them. A handler may say otherwise.
    ctx.set('Cache-Control', 'no-store');
    await next();
  };
}

/** Anything else is a label of its own making: a client could fill the registry with them. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The status that access logs give a request whose client went away before the answer (as nginx does). */
const clientClosedRequest = 499;

/** One line and one observation a request, when its response is sent or given up. Never the query string. */
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

/** The pattern of the route, such as /export/status/:job_id: ids and searches stay out of logs and labels. */
function routeOf(ctx: ParameterizedContext<HttpState>): string {
  const route: unknown = ctx['_matchedRoute'];
  return typeof route === 'string' ? route : 'unmatched';
}
