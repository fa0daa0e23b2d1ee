import { ExportError } from '@waybill/errors';
import { nextAttempt } from '../job/job.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { requestedEntry } from '../job/new-job.ts';
import { statusAt } from '../job/status.ts';
import { uniqueKeyOf } from '../request/fingerprint.ts';
import type { RequestChecks } from './checks.ts';
import { estimateBytes } from './estimate.ts';
import type { Quota } from './quota.ts';
import type { RateLimit, RateLimitState } from './rate-limit.ts';

export interface RetryDeps {
  readonly jobs: JobStore;
  readonly checks: Pick<RequestChecks, 'company'>;
  readonly quota: Quota;
  readonly rateLimit: Pick<RateLimit, 'take'>;
  readonly now: () => Date;
}

export interface Retried {
  readonly job: JobDocument;
  readonly rateLimit: RateLimitState;
}

/**
 * Creates the function that starts the next attempt of a failed job. The attempt keeps the job's id and request, and its
 * period keeps the instants of the first attempt. A retry passes region, quota and rate limit as a new request does, and
 * counts as one.
 * @throws ExportError `EXPORT_NOT_RETRYABLE` unless the job has failed, and the errors of region, quota and rate limit.
 */
export function createRetry(deps: RetryDeps): (job: JobDocument, traceparent: string) => Promise<Retried> {
  return async (job, traceparent) => {
    const at = deps.now().getTime();
    if (job.status !== 'failed') throw notRetryable(job, at);
    const { quotaBytes } = await deps.checks.company(job.company_id);
    const { fields, format } = job.request.spec;
    const estimatedBytes = estimateBytes(job.total ?? job.request.cap, fields.length, format);
    await deps.quota.check(job.company_id, { estimatedBytes, quotaBytes, now: at });
    const point = await deps.rateLimit.take(job.company_id);
    try {
      const retried = await startAttempt(deps, job, { traceparent, estimatedBytes, at });
      return { job: retried, rateLimit: point.state };
    } catch (error) {
      await point.giveBack();
      throw error;
    }
  };
}

async function startAttempt(
  { jobs }: RetryDeps,
  job: JobDocument,
  { traceparent, estimatedBytes, at }: { traceparent: string; estimatedBytes: number; at: number },
): Promise<JobDocument> {
  const owner = { companyId: job.company_id, userId: job.user_id };
  const state = nextAttempt(job, { heldBytes: estimatedBytes, at });
  const entry = requestedEntry({
    jobId: job._id,
    owner,
    attempt: state.attempt,
    request: job.request,
    traceparent,
    now: at,
  });
  const activeKey = uniqueKeyOf(owner, 'request', job.fingerprint);
  if (await jobs.retry(job, { state, entry, activeKey })) return { ...job, ...state };
  const other = await jobs.find(job.company_id, job._id);
  throw notRetryable(other ?? job, at);
}

function notRetryable(job: JobDocument, now: number): ExportError {
  return new ExportError('EXPORT_NOT_RETRYABLE', { params: { job_status: statusAt(job, now) } });
}
