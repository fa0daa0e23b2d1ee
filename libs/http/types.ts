import type { Router, RouterContext } from '@koa/router';
import type { Caller } from '@waybill/auth';
import type { Logger } from '@waybill/observability';
import type Koa from 'koa';

/** `ctx.state` of every request. */
export interface HttpState {
  /** From `X-Request-Id` if that is well-formed, otherwise new. Also in the response and in each problem. */
  requestId: string;
  /** A span of this request in the caller's trace or in a new one. Pass it to everything that the request causes. */
  traceparent: string;
  /** Adds request_id and trace_id to each line. */
  log: Logger;
  /** Set by `authenticate` of @waybill/auth; read it with `callerOf`. */
  caller?: Caller;
}

export type HttpApp = Koa<HttpState>;
export type HttpRouter = Router<HttpState>;
export type HttpContext = RouterContext<HttpState>;
