import { callerOf, requirePermission, type Caller } from '@waybill/auth';
import type { Permissions } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { HttpContext } from '@waybill/http';
import { companyHistoryPermissions, isJobId, type JobId, type Permission } from '@waybill/domain';
import type { ExportFlag } from '../admission/flag.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';

export type Middleware = (ctx: HttpContext, next: () => Promise<unknown>) => Promise<unknown>;

/** Rejects callers whose company does not have the feature. @throws ExportError `FLAG_DISABLED` */
export function requireFlag(flag: ExportFlag): Middleware {
  return async (ctx, next) => {
    await flag.require(callerOf(ctx));
    return next();
  };
}

/** Rejects callers without the permission. @throws ExportError `FORBIDDEN` */
export function permit(permission: Permission): Middleware {
  return (ctx, next) => {
    requirePermission(callerOf(ctx), permission);
    return next();
  };
}

/**
 * Rejects callers without the permission in their token or in the CRM. A token is valid for hours, and a permission can be
 * taken away at any time.
 * @throws ExportError `FORBIDDEN`, `SERVICE_UNAVAILABLE`
 */
export function permitNow(permissions: Permissions, permission: Permission): Middleware {
  return async (ctx, next) => {
    const caller = callerOf(ctx);
    requirePermission(caller, permission);
    const held = await permissions.of(caller.userId, caller.companyId);
    requirePermission({ ...caller, permissions: held }, permission);
    return next();
  };
}

/** Returns the job id of the path. @throws ExportError `EXPORT_NOT_FOUND` when it is not a job id. */
function jobIdOf(ctx: HttpContext): JobId {
  const given = String(ctx.params['job_id']);
  if (!isJobId(given)) throw notFound(given);
  return given;
}

/**
 * Returns the job of the path.
 * @throws ExportError `EXPORT_NOT_FOUND`, for another company's job too, so that its existence is not confirmed.
 */
export async function findJob(ctx: HttpContext, jobs: Pick<JobStore, 'find'>): Promise<JobDocument> {
  const jobId = jobIdOf(ctx);
  const job = await jobs.find(callerOf(ctx).companyId, jobId);
  if (job === undefined) throw notFound(jobId);
  return job;
}

/**
 * Returns the job of the path for a caller who may see it: the requester, or a person who may see the company's history.
 * @throws ExportError `EXPORT_NOT_FOUND`, `FORBIDDEN`
 */
export async function findVisibleJob(ctx: HttpContext, jobs: Pick<JobStore, 'find'>): Promise<JobDocument> {
  const job = await findJob(ctx, jobs);
  const { userId, permissions } = callerOf(ctx);
  const seesColleagues = companyHistoryPermissions.some((permission) => permissions.includes(permission));
  if (job.user_id === userId || seesColleagues) return job;
  throw new ExportError('FORBIDDEN', { params: { permission: companyHistoryPermissions[0] } });
}

/** Rejects callers who are neither the requester nor an administrator. @throws ExportError `FORBIDDEN` */
export function requireControl(caller: Caller, job: JobDocument): void {
  if (job.user_id !== caller.userId) requirePermission(caller, 'contacts.export.admin');
}

function notFound(jobId: string): ExportError {
  return new ExportError('EXPORT_NOT_FOUND', { params: { job_id: jobId.slice(0, 64) } });
}
