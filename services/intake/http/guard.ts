import { callerOf, requirePermission, type Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import type { HttpContext } from '@waybill/http';
import { isJobId, type JobId, type Permission } from '@waybill/domain';
import type { ExportFlag } from '../admission/flag.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';

type Middleware = (ctx: HttpContext, next: () => Promise<unknown>) => Promise<unknown>;

/** Lets a caller through whose company has the feature. @throws ExportError `FLAG_DISABLED` */
export function whileOn(flag: ExportFlag): Middleware {
  return async (ctx, next) => {
    await flag.require(callerOf(ctx));
    return next();
  };
}

/** @throws ExportError `FORBIDDEN` */
export function permit(permission: Permission): Middleware {
  return (ctx, next) => {
    requirePermission(callerOf(ctx), permission);
    return next();
  };
}

/** @throws ExportError `EXPORT_NOT_FOUND` when the address holds no job id: no such job can exist. */
export function jobIdOf(ctx: HttpContext): JobId {
  const given = String(ctx.params['job_id']);
  if (!isJobId(given)) throw notFound(given);
  return given;
}

/**
 * The job of the address, where the caller's company has it.
 * @throws ExportError `EXPORT_NOT_FOUND`, also for another company's job: that it exists is not confirmed.
 */
export async function jobOf(ctx: HttpContext, jobs: Pick<JobStore, 'find'>): Promise<JobDocument> {
  const jobId = jobIdOf(ctx);
  const job = await jobs.find(callerOf(ctx).companyId, jobId);
  if (job === undefined) throw notFound(jobId);
  return job;
}

/** What changes a job is for its requester and for administrators. @throws ExportError `FORBIDDEN` */
export function requireControl(caller: Caller, job: JobDocument): void {
  if (job.user_id !== caller.userId) requirePermission(caller, 'contacts.export.admin');
}

function notFound(jobId: string): ExportError {
  return new ExportError('EXPORT_NOT_FOUND', { params: { job_id: jobId.slice(0, 64) } });
}
