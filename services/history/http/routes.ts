import { erasureHandler, type ErasureRouteDeps } from '@waybill/erasure';
import { authenticate, callerOf, type Caller } from '@waybill/auth';
import { createRouter, parseWith, encodeCursor, type HttpRouter } from '@waybill/http';
import { z } from 'zod';
import { addDownloadRoute, jobIdOf, type DownloadRouteParts, type JobPath } from './download-route.ts';
import { notFound } from '../downloads/download.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { readListQuery } from './list-query.ts';
import { downloadViews, viewsOf, type ViewParts } from './views.ts';
import { forbidden, refusalToSee } from '../entries/visibility.ts';

export interface RouteParts extends DownloadRouteParts, ViewParts, ErasureRouteDeps {}

export const historyPath = '/iag/v1/contacts/export/history';
const noQuery = z.strictObject({});

export function historyRoutes(parts: RouteParts): HttpRouter {
  const router = createRouter({ prefix: historyPath });
  const signedIn = authenticate(parts.authenticator);

  router.get('/', signedIn, async (ctx) => {
    const caller = callerOf(ctx);
    const { query, limit, after } = readListQuery({ ...ctx.query }, caller, parts.now());
    const page = await parts.entries.page(query, { limit, ...(after === undefined ? {} : { after }) });
    ctx.body = {
      data: await viewsOf(parts, page.entries, caller.locale),
      pagination: { limit, next_cursor: page.next === undefined ? null : encodeCursor(page.next) },
    };
  });

  router.get('/:job_id', signedIn, async (ctx) => {
    const caller = callerOf(ctx);
    parseWith(noQuery, { ...ctx.query });
    const entry = await visibleEntry(parts, ctx, caller);
    const [view] = await viewsOf(parts, [entry], caller.locale);
    ctx.body = { data: view };
  });

  router.get('/:job_id/downloads', signedIn, async (ctx) => {
    const entry = await visibleEntry(parts, ctx, callerOf(ctx));
    ctx.body = { data: await downloadViews(parts, entry) };
  });

  addDownloadRoute(router, parts);
  router.post('/erasures', signedIn, erasureHandler(parts));
  return router;
}

async function visibleEntry(parts: RouteParts, path: JobPath, caller: Caller): Promise<EntryDocument> {
  const id = jobIdOf(path);
  const entry = await parts.entries.find(id);
  const refusal = entry === undefined ? 'EXPORT_NOT_FOUND' : refusalToSee(caller, entry);
  if (entry === undefined || refusal === 'EXPORT_NOT_FOUND') throw notFound(id);
  if (refusal !== undefined) throw forbidden(entry.user_id === caller.userId ? 'mine' : 'company');
  return entry;
}
