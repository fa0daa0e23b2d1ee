import { callerOf } from '@waybill/auth';
import { languageOf, type HttpRouter } from '@waybill/http';
import { requestCancel, type RaisedFlags } from '../job/cancel.ts';
import { statusView } from '../job/status.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { jobOf, permit, requireControl } from './guard.ts';

export interface JobRouteParts {
  readonly jobs: JobStore;
  readonly flags: RaisedFlags;
  /** After a change that streams should show. */
  readonly onChange: (job: JobDocument) => void;
  readonly now: () => number;
}

/** A job's status, and the wish to end it. */
export function addJobRoutes(router: HttpRouter, { jobs, flags, onChange, now }: JobRouteParts): void {
  router.get('/export/status/:job_id', permit('contacts.export'), async (ctx) => {
    ctx.body = statusView(await jobOf(ctx, jobs), now(), languageOf(ctx));
  });

  router.post('/export/:job_id/cancel', permit('contacts.export'), async (ctx) => {
    const job = await jobOf(ctx, jobs);
    requireControl(callerOf(ctx), job);
    const cancelled = await requestCancel(jobs, job, now());
    // With Redis down the flag is raised within seconds of its return (cancel.ts): late, never wrong.
    await flags.raise(job._id).catch((error: unknown) => {
      ctx.state.log.warn({ error, job_id: job._id }, 'cancel flag not raised yet');
    });
    onChange(cancelled);
    ctx.status = 202;
    ctx.body = statusView(cancelled, now(), languageOf(ctx));
  });
}
