import { authenticate, callerOf, type Caller } from '@waybill/auth';
import { erasureHandler, type ErasureRouteDeps } from '@waybill/erasure';
import {
  createRouter,
  languageOf,
  cursorPagination,
  parseWith,
  positionOf,
  type HttpRouter,
} from '@waybill/http';
import type { Storage } from '@waybill/object-storage';
import { z } from 'zod';
import { notFound } from '../downloads/download.ts';
import { readSkipped } from '../downloads/skipped-list.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { forbidden, refusalToSee } from '../entries/visibility.ts';
import { addDownloadRoute, jobIdOf, type DownloadRouteDeps, type JobPath } from './download-route.ts';
import { downloadsQuery, readListQuery, skippedQuery } from './list-query.ts';
import { loadDownloadViews, loadEntryViews, type ViewDeps } from './load-views.ts';

export interface RouteDeps extends DownloadRouteDeps, ViewDeps, ErasureRouteDeps {
  readonly storage: Pick<Storage, 'presignDownload' | 'head' | 'read'>;
}

export const historyPath = '/iag/v1/contacts/export/history';
const noQuery = z.strictObject({});

export function historyRoutes(deps: RouteDeps): HttpRouter {
  const router = createRouter({ prefix: historyPath });
  const signedIn = authenticate(deps.authenticator);

  router.get('/', signedIn, async (ctx) => {
    const caller = callerOf(ctx);
    const { query, limit, after } = readListQuery({ ...ctx.query }, caller, deps.now());
    const { documents, next } = await deps.entries.page(query, { limit, after });
    ctx.body = {
      data: await loadEntryViews(deps, documents, languageOf(ctx)),
      pagination: cursorPagination(limit, next),
    };
  });

  router.get('/:job_id', signedIn, async (ctx) => {
    const caller = callerOf(ctx);
    parseWith(noQuery, { ...ctx.query });
    const entry = await visibleEntry(deps, ctx, caller);
    const [view] = await loadEntryViews(deps, [entry], languageOf(ctx));
    ctx.body = view;
  });

  router.get('/:job_id/downloads', signedIn, async (ctx) => {
    const query = parseWith(downloadsQuery, { ...ctx.query });
    const caller = callerOf(ctx);
    const entry = await visibleEntry(deps, ctx, caller);
    const { documents, next } = await deps.audit.page(
      { jobId: entry._id, companyId: entry.company_id },
      { limit: query.limit, after: positionOf(query) },
    );
    ctx.body = {
      data: await loadDownloadViews(deps, documents, { entry, caller }),
      pagination: cursorPagination(query.limit, next),
    };
  });

  router.get('/:job_id/skipped', signedIn, async (ctx) => {
    const { limit, cursor } = parseWith(skippedQuery, { ...ctx.query });
    const entry = await visibleEntry(deps, ctx, callerOf(ctx));
    const { ids, next } = await readSkipped(deps.storage, entry, {
      limit,
      from: Number(cursor ?? 0),
      now: deps.now(),
    });
    ctx.body = {
      data: ids.map((id) => ({ id })),
      pagination: { limit, next_cursor: next === undefined ? null : String(next) },
    };
  });

  addDownloadRoute(router, deps);
  router.post('/erasures', signedIn, erasureHandler(deps));
  return router;
}

async function visibleEntry(deps: RouteDeps, path: JobPath, caller: Caller): Promise<EntryDocument> {
  const id = jobIdOf(path);
  const entry = await deps.entries.find(id);
  const refusal = entry === undefined ? 'EXPORT_NOT_FOUND' : refusalToSee(caller, entry);
  if (entry === undefined || refusal === 'EXPORT_NOT_FOUND') throw notFound(id);
  if (refusal !== undefined) throw forbidden(entry.user_id === caller.userId ? 'mine' : 'company');
  return entry;
}
