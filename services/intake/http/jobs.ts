import { callerOf } from '@waybill/auth';
import type { Permissions } from '@waybill/contacts';
import {
  cursorPagination,
  decodeCursor,
  languageOf,
  pageQuery,
  parseWith,
  type HttpContext,
  type HttpRouter,
} from '@waybill/http';
import type { JobId } from '@waybill/domain';
import { z } from 'zod';
import type { ExportFlag } from '../admission/flag.ts';
import type { Retried } from '../admission/retry.ts';
import { requestCancel } from '../job/cancel.ts';
import type { CancelFlags } from '@waybill/redis';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { statusView } from '../job/status.ts';
import { findJob, findVisibleJob, permit, permitNow, requireControl, requireFlag } from './guard.ts';
import { setRateLimit, withRateLimitHeaders } from './rate-limit-headers.ts';

export interface JobRouteDeps {
  readonly flag: ExportFlag;
  readonly jobs: JobStore;
  readonly flags: Pick<CancelFlags, 'raise'>;
  readonly permissions: Permissions;
  readonly retry: (job: JobDocument, traceparent: string) => Promise<Retried>;
  /** Called after a cancellation request, which status streams show. */
  readonly onChange: (job: JobDocument) => void;
  /** Called after the next attempt was stored. */
  readonly onRetried: (jobId: JobId) => void;
  readonly now: () => Date;
  /** The address under which a browser reaches the API. */
  readonly publicUrl: string;
}

/** The query string of the list of exports. */
export const exportsQuerySchema = z.strictObject({
  state: z.enum(['active']).describe('active: queued and processing. Ended exports are in the history'),
  ...pageQuery,
});

/** Adds the routes that list, read, cancel and retry jobs. */
export function addJobRoutes(router: HttpRouter, deps: JobRouteDeps): void {
  const { flag, permissions, jobs, flags, retry, onChange, onRetried, now, publicUrl } = deps;
  const viewOf = (job: JobDocument, ctx: HttpContext) =>
    statusView(job, { now: now().getTime(), language: languageOf(ctx), publicUrl });

  router.get('/export', permit('contacts.export'), async (ctx) => {
    const query = parseWith(exportsQuerySchema, { ...ctx.query });
    const { limit, cursor } = query;
    const after = cursor === undefined ? {} : { after: decodeCursor(cursor) };
    const page = await jobs.activeOf(callerOf(ctx), { limit, ...after });
    ctx.body = {
      data: page.jobs.map((job) => viewOf(job, ctx)),
      pagination: cursorPagination(limit, page.next),
    };
  });

  router.get('/export/status/:job_id', permit('contacts.export'), async (ctx) => {
    ctx.body = viewOf(await findVisibleJob(ctx, jobs), ctx);
  });

  router.post('/export/:job_id/cancel', permit('contacts.export'), async (ctx) => {
    const job = await findJob(ctx, jobs);
    requireControl(callerOf(ctx), job);
    const cancelled = await requestCancel(jobs, job, now().getTime());
    // While Redis is down the flag is raised later, by raiseCancelFlags (cancel.ts).
    await flags.raise(cancelled._id, cancelled.attempt).catch((error: unknown) => {
      ctx.state.log.warn({ error, job_id: job._id }, 'cancel flag not raised');
    });
    onChange(cancelled);
    ctx.status = 202;
    ctx.body = viewOf(cancelled, ctx);
  });

  const mayExport = permitNow(permissions, 'contacts.export');
  router.post('/export/:job_id/retry', requireFlag(flag), mayExport, async (ctx) => {
    const job = await findJob(ctx, jobs);
    requireControl(callerOf(ctx), job);
    const retried = await withRateLimitHeaders(ctx, () => retry(job, ctx.state.traceparent));
    setRateLimit(ctx, retried.rateLimit);
    ctx.status = 202;
    ctx.body = viewOf(retried.job, ctx);
    onRetried(job._id);
  });
}
