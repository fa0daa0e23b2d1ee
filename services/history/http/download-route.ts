import type { Authenticator, Caller } from '@waybill/auth';
import { isJobId, jobId, type JobId } from '@waybill/domain';
import { asExportError, titleText, type ExportError, type Language } from '@waybill/errors';
import { languageOf, type HttpContext, type HttpRouter } from '@waybill/http';
import escapeHtml from 'escape-html';
import { notFound } from '../downloads/download.ts';
import { openFile, type OpenFileDeps } from '../downloads/open-file.ts';
import type { Visitor } from '../downloads/visitor.ts';

export interface DownloadRouteDeps extends OpenFileDeps {
  readonly authenticator: Authenticator;
  readonly publicUrl: string;
  /** The page that a browser without a session is redirected to. */
  readonly signInUrl: string | undefined;
  /** The cookie that carries the session's token if a browser follows a link. */
  readonly sessionCookie: string;
  /** Whether a trusted proxy sets the last address of X-Forwarded-For. */
  readonly trustForwardedFor: boolean;
}

const agentLimit = 512;

/** Adds GET /{job_id}/download: redirects to the signed URL, or answers with a problem, as a page for browsers. */
export function addDownloadRoute(router: HttpRouter, deps: DownloadRouteDeps): void {
  router.get('/:job_id/download', async (ctx) => {
    // Both answers depend on the caller and on the time.
    ctx.set('Cache-Control', 'no-store');
    // The signed URL opens the file without a session, so no other site may receive it.
    ctx.set('Referrer-Policy', 'no-referrer');
    try {
      const caller = await deps.authenticator.caller(sessionOf(ctx, deps.sessionCookie));
      ctx.state.caller = caller;
      const url = await openFile(deps, {
        jobId: jobIdOf(ctx),
        caller,
        visitor: visitorOf(ctx, caller, deps.trustForwardedFor),
        traceparent: ctx.state.traceparent,
      });
      ctx.redirect(url);
      ctx.body = '';
    } catch (thrown) {
      const error = asExportError(thrown, 'INTERNAL_ERROR');
      if (!wantsPage(ctx) || error.status === 500) throw thrown;
      answerBrowser(ctx, error, deps);
    }
  });
}

/** The path parameters of the routes of one job. */
export interface JobPath {
  readonly params: Readonly<Record<string, string | undefined>>;
}

/**
 * Returns the job id of a path.
 * @throws ExportError EXPORT_NOT_FOUND if it is not a job id, as for a job that does not exist.
 */
export function jobIdOf({ params }: JobPath): JobId {
  const text = params['job_id'] ?? '';
  if (!isJobId(text)) throw notFound(jobId(text));
  return text;
}

/** Whether the client prefers HTML, as a browser that follows a link does. */
function wantsPage(ctx: HttpContext): boolean {
  return ctx.accepts('json', 'html') === 'html';
}

function answerBrowser(ctx: HttpContext, error: ExportError, deps: DownloadRouteDeps): void {
  if (error.code === 'UNAUTHENTICATED' && deps.signInUrl !== undefined) {
    const url = new URL(deps.signInUrl);
    url.searchParams.set('return_to', `${deps.publicUrl}${ctx.path}`);
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

/** Returns the Authorization header of a program, or the token in the session cookie of a browser. */
function sessionOf(ctx: HttpContext, cookie: string): string | undefined {
  const header = ctx.get('Authorization');
  if (header !== '') return header;
  const token = ctx.cookies.get(cookie);
  return token === undefined ? undefined : `Bearer ${token}`;
}

function visitorOf(ctx: HttpContext, caller: Caller, trustForwardedFor: boolean): Visitor {
  const forwarded = trustForwardedFor ? ctx.get('X-Forwarded-For').split(',').at(-1)?.trim() : undefined;
  return {
    email: caller.email ?? null,
    address: forwarded === undefined || forwarded === '' ? ctx.ip : forwarded,
    agent: ctx.get('User-Agent').slice(0, agentLimit),
  };
}

/** Returns an HTML page with title and detail of the problem. */
function problemPage(error: ExportError, language: Language): string {
  const title = escapeHtml(titleText(error.code, language));
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; box-sizing: border-box;
    font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
    background: light-dark(#f2f4f7, #101418); color: light-dark(#17202a, #eef2f6); }
  main { max-width: 520px; padding: 28px 32px; border-radius: 10px; border: 1px solid light-dark(#d9dfe6, #303944);
    background: light-dark(#fff, #1a2027); }
  h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3; }
  p { margin: 0; color: light-dark(#475467, #a3b0bf); }
</style>
</head>
<body><main><h1>${title}</h1><p>${escapeHtml(error.detail(language))}</p></main></body>
</html>
`;
}
