import type { Caller } from '@waybill/auth';
import type { Accepted } from '../admission/accept.ts';
import type { Activity } from './activity.ts';

/** An export was accepted for the first time. */
export function startedActivity({ job }: Pick<Accepted, 'job'>): Activity {
  const { request } = job;
  return {
    name: 'cdp_export_started',
    company_id: job.company_id,
    job_id: job._id,
    user_id: job.user_id,
    attributes: {
      format: request.spec.format,
      selection_mode: request.spec.selection_mode,
      lane: request.spec.lane,
      fields: String(request.spec.fields.length),
      ...(job.total === null ? {} : { total: String(job.total) }),
    },
  };
}

/** A selection was over the company's cap. */
export function limitActivity(
  caller: Pick<Caller, 'companyId' | 'userId'>,
  total: number,
  cap: number,
): Activity {
  return {
    name: 'cdp_export_limit_exceeded',
    company_id: caller.companyId,
    job_id: null,
    user_id: caller.userId,
    attributes: { total: String(total), cap: String(cap) },
  };
}
