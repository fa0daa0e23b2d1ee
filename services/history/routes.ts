import { authenticate, callerOf, type Authenticator, type Caller } from '@waybill/auth';
import { openPersonal, type Opener, type PersonalData } from '@waybill/crypto';
import { asExportError } from '@waybill/errors';
import { createRouter, parseWith, type HttpContext, type HttpRouter } from '@waybill/http';
import { companyId, isJobId, jobId, userId, type JobId } from '@waybill/vocabulary';
import { z } from 'zod';
import type { AuditStore } from './audit-store.ts';
import { openFile, type ClickParts } from './click.ts';
import { writeCursor } from './cursor.ts';
import { notFound } from './download.ts';
import type { EntryDocument } from './entry.ts';
import { readListQuery } from './list-query.ts';
import { entryView, type EntryView } from './view.ts';
import { forbidden, refusalToSee } from './visibility.ts';
import { openVisitor, type Visitor } from './visitor.ts';

export interface RouteParts extends ClickParts {
  readonly authenticator: Authenticator;
  readonly opener: Opener;
  readonly publicUrl: string;
  /** Cookie that carries the session's token where a browser follows a link. */
  readonly sessionCookie: string;
  /** Whether the last address of X-Forwarded-For is a proxy's word that can be trusted. */
  readonly trustForwardedFor: boolean;
}

const prefix = '/iag/v1/contacts/export/history';
const noQuery = z.strictObject({});
/** The audit's part of an answer is bounded; who wants more reads the events. */
const shownDownloads = 200;
const agentLimit = 512;

export function historyRoutes(parts: RouteParts): HttpRouter {
  const router = createRouter({ prefix });
  const signedIn = authenticate(parts.authenticator);

  router.get('/', signedIn, async (ctx) => {
    const caller = callerOf(ctx);
    const { query, limit, after } = readListQuery({ ...ctx.query }, caller, parts.now());
    const page = await parts.entries.page(query, { limit, ...(after === undefined ? {} : { after }) });
    ctx.body = {
      data: await viewsOf(parts, page.entries, caller),
      pagination: { limit, next_cursor: page.next === undefined ? null : writeCursor(page.next) },
    };
  });

  router.get('/:job_id', signedIn, async (ctx) => {
    const caller = callerOf(ctx);
    parseWith(noQuery, { ...ctx.query });
    const entry = await visibleEntry(parts, ctx, caller);
    const [view] = await viewsOf(parts, [entry], caller);
    ctx.body = { data: view };
  });

  router.get('/:job_id/downloads', signedIn, async (ctx) => {
    const entry = await visibleEntry(parts, ctx, callerOf(ctx));
    ctx.body = { data: await downloadViews(parts.audit, parts.opener, entry) };
  });

  router.get('/:job_id/download', async (ctx) => {
    const caller = await parts.authenticator.caller(sessionOf(ctx, parts.sessionCookie));
    const url = await openFile(parts, {
      jobId: jobIdOf(ctx),
      caller,
      visitor: visitorOf(ctx, caller, parts.trustForwardedFor),
      traceparent: ctx.state.traceparent,
    });
    // The address opens the file for whoever holds it: it is kept by no cache and told to no other site.
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.redirect(url);
    ctx.body = '';
  });
  return router;
}

/** What the routes of one job have in common. */
interface JobPath {
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** A path that is no job id names no export: answered like one that does not exist. */
function jobIdOf({ params }: JobPath): JobId {
  const text = params['job_id'] ?? '';
  if (!isJobId(text)) throw notFound(jobId(text));
  return text;
}

async function visibleEntry(parts: RouteParts, ctx: JobPath, caller: Caller): Promise<EntryDocument> {
  const id = jobIdOf(ctx);
  const entry = await parts.entries.find(id);
  const refusal = entry === undefined ? 'EXPORT_NOT_FOUND' : refusalToSee(caller, entry);
  if (entry === undefined || refusal === 'EXPORT_NOT_FOUND') throw notFound(id);
  if (refusal !== undefined) throw forbidden(entry.user_id === caller.userId ? 'mine' : 'company');
  return entry;
}

async function viewsOf(
  parts: RouteParts,
  entries: readonly EntryDocument[],
  caller: Caller,
): Promise<readonly EntryView[]> {
  const tallies = await parts.audit.tallies(entries.map((entry) => entry._id));
  return Promise.all(
    entries.map(async (entry) =>
      entryView(entry, {
        person: await personOf(parts.opener, entry),
        downloads: tallies.get(entry._id) ?? { count: 0, lastAt: undefined },
        locale: caller.locale,
        downloadUrl: `${parts.publicUrl}${prefix}/${entry._id}/download`,
        now: parts.now(),
      }),
    ),
  );
}

/** Undefined where the key is gone: the rest of the entry is still worth showing. */
async function personOf(opener: Opener, entry: EntryDocument): Promise<PersonalData | undefined> {
  if (entry.personal === null) return undefined;
  try {
    const scope = { companyId: companyId(entry.company_id), userId: userId(entry.user_id) };
    return await openPersonal(opener, entry.personal, scope);
  } catch (error) {
    if (asExportError(error, 'EXPORT_FAILED').code === 'SEALED_DATA_UNREADABLE') return undefined;
    throw error;
  }
}

async function downloadViews(audit: AuditStore, opener: Opener, entry: EntryDocument) {
  const clicks = await audit.ofJob(entry._id, shownDownloads);
  return Promise.all(
    clicks.map(async (click) => {
      const scope = { companyId: click.company_id, userId: click.user_id };
      const visitor = click.personal === null ? undefined : await openVisitor(opener, click.personal, scope);
      return {
        id: click._id,
        at: click.at.toISOString(),
        outcome: click.outcome,
        code: click.code,
        user_id: click.user_id,
        email: visitor?.email ?? null,
        address: visitor?.address ?? null,
        agent: visitor?.agent ?? null,
      };
    }),
  );
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
