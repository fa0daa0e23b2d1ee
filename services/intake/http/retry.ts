import { callerOf } from '@waybill/auth';
import { languageOf, type HttpRouter } from '@waybill/http';
import type { JobId } from '@waybill/domain';
import type { ExportFlag } from '../admission/flag.ts';
import type { Retried } from '../admission/retry.ts';
import { statusView } from '../job/status.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { jobOf, permit, requireControl, whileOn } from './guard.ts';
import { setRateLimit, withRateLimitHeaders } from './rate-limit-headers.ts';

export interface RetryRouteParts {
  readonly flag: ExportFlag;
  readonly jobs: JobStore;
  readonly retry: (job: JobDocument, traceparent: string) => Promise<Retried>;
  readonly onRetried: (jobId: JobId) => void;
  readonly now: () => number;
}

/** POST …/{job_id}/retry: 202 with the job as its next attempt. */
export function addRetryRoute(
  router: HttpRouter,
  { flag, jobs, retry, onRetried, now }: RetryRouteParts,
): void {
  router.post('/export/:job_id/retry', whileOn(flag), permit('contacts.export'), async (ctx) => {
    const job = await jobOf(ctx, jobs);
    requireControl(callerOf(ctx), job);
    const retried = await withRateLimitHeaders(ctx, () => retry(job, ctx.state.traceparent));
    setRateLimit(ctx, retried.rateLimit);
    ctx.status = 202;
    ctx.body = statusView(retried.job, now(), languageOf(ctx));
    onRetried(job._id);
  });
}
