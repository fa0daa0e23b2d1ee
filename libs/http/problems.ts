import { defaultLanguage, ExportError, type ErrorCode, type Language } from '@waybill/errors';
import type { Middleware, ParameterizedContext } from 'koa';
import { ClientDisconnected, isDisconnect } from './disconnect.ts';
import { problemOf, problemType } from './problem.ts';
import type { HttpState } from './types.ts';

/** Retry-After of a 503 without a time of its own: about as long as a server needs to restart. */
const retryAfterSeconds = 5;

/** Codes with status 503 that no client can wait for, because an operator must act first. */
const operatorMustAct: ReadonlySet<ErrorCode> = new Set(['REGION_UNAVAILABLE', 'ENCRYPTION_KEY_UNKNOWN']);

/** What decides the language of an answer. */
interface LanguageContext {
  acceptsLanguages(...languages: string[]): string | false;
  readonly state: { readonly caller?: { readonly locale: Language } };
}

/** Returns the language of an answer: that of Accept-Language, else that of the caller's token, else the default. */
export function languageOf(ctx: LanguageContext): Language {
  const own = ctx.state.caller?.locale ?? defaultLanguage;
  const other = own === 'en' ? 'id' : 'en';
  // The first of the two is returned if the header prefers neither.
  return ctx.acceptsLanguages(own, other) === other ? other : own;
}

/** Answers every error, and every request without a route, with a problem. Logs each system fault once. */
export function problems(): Middleware<HttpState> {
  return async (ctx, next) => {
    try {
      await next();
      const unanswered = errorOfStatus(ctx);
      if (unanswered !== undefined) answer(ctx, unanswered);
    } catch (thrown) {
      if (isDisconnect(thrown) && ctx.req.destroyed) return;
      // A started answer cannot be replaced. Closing the connection shows the client that it is incomplete.
      if (ctx.headerSent) ctx.res.destroy();
      fail(ctx, thrown);
    }
  };
}

/**
 * Answers an error after our middleware, such as a body that cannot be written as JSON or a stream that fails, in place
 * of Koa, whose answer is plain text. Koa also calls it without an error.
 */
export function failLate(ctx: ParameterizedContext<HttpState>, thrown: unknown): void {
  if (thrown === null || thrown === undefined) return;
  if (ctx.headerSent || !ctx.writable) {
    ctx.app.emit('error', thrown, ctx);
    return;
  }
  fail(ctx, thrown);
  ctx.res.end(JSON.stringify(ctx.body));
}

function fail(ctx: ParameterizedContext<HttpState>, thrown: unknown): void {
  const error = errorOf(thrown, ctx);
  if (error.fault === 'system') ctx.state.log.error({ code: error.code, error: thrown }, 'request failed');
  if (!ctx.headerSent) answer(ctx, error);
}

function answer(ctx: ParameterizedContext<HttpState>, error: ExportError): void {
  const language = languageOf(ctx);
  const { path, state } = ctx;
  ctx.status = error.status;
  ctx.body = problemOf(error, { language, instance: path, requestId: state.requestId });
  ctx.type = problemType;
  ctx.set('Content-Language', language);
  ctx.vary('Accept-Language');
  const wait = retryAfter(error);
  if (wait !== undefined) ctx.set('Retry-After', String(wait));
  if (error.status === 401) ctx.set('WWW-Authenticate', 'Bearer');
  // Otherwise the unread rest of the body would be parsed as the next request.
  if (error.status === 413) ctx.set('Connection', 'close');
}

/** Returns after how many seconds the same request may succeed; undefined if that is not known. */
function retryAfter({ code, status, params }: ExportError): string | number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const standard = status === 503 && !operatorMustAct.has(code) ? retryAfterSeconds : undefined;
  return params['retry_after_seconds'] ?? standard;
}

/** Returns the error of an answer that Koa and the router left without a body. */
function errorOfStatus(ctx: ParameterizedContext<HttpState>): ExportError | undefined {
  if (ctx.body !== undefined && ctx.body !== null) return undefined;
  const { method, path } = ctx;
  const allowed = ctx.response.get('Allow');
  // The router answers 501 for a method that no route has, also for a path without a route.
  const known = ctx.status === 405 || (ctx.status === 501 && allowed !== '');
  if (known) return new ExportError('METHOD_NOT_ALLOWED', { params: { path, allowed } });
  if (ctx.status !== 404 && ctx.status !== 501) return undefined;
  ctx.remove('Allow');
  return new ExportError('ROUTE_NOT_FOUND', { params: { method, path } });
}

/**
 * Returns the ExportError of a thrown value. Errors of Koa and the router with `expose` are faults of the request.
 * EXPORT_FAILED is the end of a job: a request that fails for an unknown reason is answered with INTERNAL_ERROR.
 */
function errorOf(thrown: unknown, ctx: ParameterizedContext<HttpState>): ExportError {
  if (thrown instanceof ExportError && thrown.code !== 'EXPORT_FAILED') return thrown;
  if (thrown instanceof ClientDisconnected || !isExposed(thrown)) {
    return new ExportError('INTERNAL_ERROR', { cause: thrown });
  }
  return thrown.status === 404
    ? new ExportError('ROUTE_NOT_FOUND', { params: { method: ctx.method, path: ctx.path } })
    : new ExportError('MALFORMED_REQUEST', { cause: thrown });
}

function isExposed(thrown: unknown): thrown is Error & { readonly status: number } {
  return (
    thrown instanceof Error &&
    'expose' in thrown &&
    thrown.expose === true &&
    'status' in thrown &&
    typeof thrown.status === 'number'
  );
}
