import { randomUUID } from 'node:crypto';
import { childOf, type Logger, parseTraceparent } from '@waybill/observability';
import type { Middleware } from 'koa';
import type { HttpState } from './types.ts';

/** Enough for UUIDs, ULIDs and the ids of common proxies; nothing that could forge a log line. */
const wellFormed = /^[\w.-]{8,128}$/;

/** Fills `ctx.state`, and sets the headers that every response has. */
export function requestContext(logger: Logger): Middleware<HttpState> {
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
