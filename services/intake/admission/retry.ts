import { ExportError } from '@waybill/errors';
import type { RaisedFlags } from '../job/cancel.ts';
import type { RequestChecks } from './checks.ts';
import { estimateBytes } from './estimate.ts';
import { claimOf } from '../request/fingerprint.ts';
import { nextAttempt } from '../job/job.ts';
import { requestedEntry } from '../job/new-job.ts';
import type { Quota } from './quota.ts';
import type { RateLimit, RateLimitState } from './rate-limit.ts';
import { statusAt } from '../job/status.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';

export interface RetryParts {
  readonly jobs: JobStore;
  readonly checks: Pick<RequestChecks, 'company'>;
  readonly quota: Quota;
  readonly rateLimit: RateLimit;
  readonly flags: Pick<RaisedFlags, 'lower'>;
  readonly now: () => number;
}

export interface Retried {
  readonly job: JobDocument;
  readonly rateLimit: RateLimitState;
}

/**
 * Begins the next attempt of a failed job: the same id and the same request, with the instants that its period meant
 * when it was made. It passes the guards that a new request passes, and counts as one.
 * @throws ExportError `EXPORT_NOT_RETRYABLE` unless the job has failed; region, quota and rate limit as for a new one.
 */
export function createRetry(parts: RetryParts): (job: JobDocument, traceparent: string) => Promise<Retried> {
  return async (job, traceparent) => {
    const at = parts.now();
    if (job.status !== 'failed') throw notRetryable(job, at);
    const company = await parts.checks.company(job.company_id);
    const { fields, format } = job.request.spec;
    const estimate = estimateBytes(job.total ?? job.request.cap, fields.length, format);
    await parts.quota.check(job.company_id, estimate, company.quotaBytes, at);
    const point = await parts.rateLimit.take(job.company_id);
    try {
      await forgetCancel(parts, job);
      return { job: await begin(parts, job, { traceparent, estimate, at }), rateLimit: point.state };
    } catch (error) {
      await point.giveBack();
      throw error;
    }
  };
}

async function begin(
  { jobs }: RetryParts,
  job: JobDocument,
  { traceparent, estimate, at }: { traceparent: string; estimate: number; at: number },
): Promise<JobDocument> {
  const owner = { companyId: job.company_id, userId: job.user_id };
  const state = nextAttempt(job, estimate);
  const { request } = job;
  const entry = requestedEntry({
    jobId: job._id,
    owner,
    attempt: state.attempt,
    request,
    traceparent,
    now: at,
  });
  const claim = claimOf(owner, 'request', job.fingerprint);
  if (await jobs.retry(job, { state, entry, claim })) return { ...job, ...state };
  const other = await jobs.find(job.company_id, job._id);
  throw notRetryable(other ?? job, at);
}

/**
 * A cancel that came too late for the last attempt must not end the next one: the attempt begins only when its flag is
 * gone. @throws ExportError `SERVICE_UNAVAILABLE` while Redis is down.
 */
async function forgetCancel({ flags }: RetryParts, job: JobDocument): Promise<void> {
  if (!job.cancel_requested) return;
  try {
    await flags.lower(job._id);
  } catch (cause) {
    throw new ExportError('SERVICE_UNAVAILABLE', { cause });
  }
}

function notRetryable(job: JobDocument, now: number): ExportError {
  return new ExportError('EXPORT_NOT_RETRYABLE', { params: { status: statusAt(job, now) } });
}
