import type { Metrics } from '@waybill/observability';
import type { Middleware, ParameterizedContext } from 'koa';
import type { HttpState } from './types.ts';

/** Anything else is a label of its own making: a client could fill the registry with them. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The status that access logs give a request whose client went away before the answer (as nginx does). */
const clientClosedRequest = 499;

/** One line and one observation a request, when its response is sent or given up. Never the query string. */
export function accessLog(metrics: Metrics): Middleware<HttpState> {
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
