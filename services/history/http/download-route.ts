import type { Authenticator, Caller } from '@waybill/auth';
import { asExportError, type ExportError } from '@waybill/errors';
import { languageOf, type HttpContext, type HttpRouter } from '@waybill/http';
import { isJobId, jobId, type JobId } from '@waybill/domain';
import { openFile, type ClickParts } from '../downloads/open-file.ts';
import { notFound } from '../downloads/download.ts';
import { problemPage } from './problem-page.ts';
import type { Visitor } from '../downloads/visitor.ts';

export interface DownloadRouteParts extends ClickParts {
  readonly authenticator: Authenticator;
  readonly publicUrl: string;
  /** Where a browser without a session is sent. */
  readonly signInUrl: string | undefined;
  /** Cookie that carries the session's token where a browser follows a link. */
  readonly sessionCookie: string;
  /** Whether the last address of X-Forwarded-For is a proxy's word that can be trusted. */
  readonly trustForwardedFor: boolean;
}

const agentLimit = 512;

export function addDownloadRoute(router: HttpRouter, parts: DownloadRouteParts): void {
  router.get('/:job_id/download', async (ctx) => {
    // Either answer is for this person and this moment.
    ctx.set('Cache-Control', 'no-store');
    // The signed address opens the file for whoever holds it: it is told to no other site.
    ctx.set('Referrer-Policy', 'no-referrer');
    try {
      const caller = await parts.authenticator.caller(sessionOf(ctx, parts.sessionCookie));
      const url = await openFile(parts, {
        jobId: jobIdOf(ctx),
        caller,
        visitor: visitorOf(ctx, caller, parts.trustForwardedFor),
        traceparent: ctx.state.traceparent,
      });
      ctx.redirect(url);
      ctx.body = '';
    } catch (thrown) {
      const error = asExportError(thrown, 'EXPORT_FAILED');
      if (!isPersonal(ctx) || error.status === 500) throw thrown;
      answerPerson(ctx, error, parts);
    }
  });
}

/** What the routes of one job have in common. */
export interface JobPath {
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** A path that is no job id names no export: answered like one that does not exist. */
export function jobIdOf({ params }: JobPath): JobId {
  const text = params['job_id'] ?? '';
  if (!isJobId(text)) throw notFound(jobId(text));
  return text;
}

/** A browser that follows a link asks for a page before anything else; a program does not. */
function isPersonal(ctx: HttpContext): boolean {
  return ctx.accepts('json', 'html') === 'html';
}

function answerPerson(ctx: HttpContext, error: ExportError, parts: DownloadRouteParts): void {
  if (error.code === 'UNAUTHENTICATED' && parts.signInUrl !== undefined) {
    const url = new URL(parts.signInUrl);
    url.searchParams.set('return_to', `${parts.publicUrl}${ctx.path}`);
    ctx.redirect(url.href);
    ctx.body = '';
    return;
  }
  const language = languageOf(ctx);
  ctx.status = error.status;
  ctx.type = 'html';
  ctx.set('Content-Language', language);
  ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
  ctx.vary('Accept, Accept-Language');
  ctx.body = problemPage(error, language);
}

/** A program sends its token; a browser that follows a link brings its session's cookie. */
function sessionOf(ctx: HttpContext, cookie: string): string | undefined {
  const header = ctx.get('Authorization');
  if (header !== '') return header;
  const token = ctx.cookies.get(cookie);
  return token === undefined ? undefined : `Bearer ${token}`;
}

function visitorOf(ctx: HttpContext, caller: Caller, trustForwardedFor: boolean): Visitor {
  const forwarded = trustForwardedFor ? ctx.get('X-Forwarded-For').split(',').at(-1)?.trim() : undefined;
  return {
    email: caller.email,
    address: forwarded === undefined || forwarded === '' ? ctx.ip : forwarded,
    agent: ctx.get('User-Agent').slice(0, agentLimit),
  };
}
