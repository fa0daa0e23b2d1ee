import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import { isTerminal } from './job.ts';
import { statusAt } from './status.ts';
import type { JobDocument, JobStore } from './job-store.ts';

/** Resolver and render ask these once per batch. */
export interface RaisedFlags {
  raise(jobId: JobId): Promise<void>;
  lower(jobId: JobId): Promise<void>;
}

/**
 * Asks for the end of a running job: first in the job, where it lasts, then in Redis, where it is seen. Repeating it
 * changes nothing. Whether it came in time is known when the job ends.
 * @throws ExportError `EXPORT_NOT_CANCELLABLE` when the job has ended.
 */
export async function requestCancel(
  jobs: Pick<JobStore, 'find' | 'change'>,
  job: JobDocument,
  now: number,
): Promise<JobDocument> {
  let current = job;
  for (;;) {
    if (isTerminal(current.status)) {
      throw new ExportError('EXPORT_NOT_CANCELLABLE', { params: { status: statusAt(current, now) } });
    }
    if (current.cancel_requested) return current;
    const change = { cancel_requested: true, version: current.version + 1 };
    if (await jobs.change(current, change)) return { ...current, ...change };
    // Its progress came between: look again.
    current = (await jobs.find(current.company_id, current._id)) ?? gone(current);
  }
}

function gone(job: JobDocument): never {
  throw new ExportError('EXPORT_NOT_FOUND', { params: { job_id: job._id } });
}

export interface CancelKeeperOptions {
  readonly jobs: Pick<JobStore, 'cancelRequested'>;
  readonly flags: RaisedFlags;
  readonly logger: Logger;
}

/**
 * Raises the flag of every job that is still to be cancelled. Run every few seconds: Redis may have been down, or may
 * have forgotten. Never throws.
 */
export async function keepFlagsRaised({ jobs, flags, logger }: CancelKeeperOptions): Promise<void> {
  try {
    for (const jobId of await jobs.cancelRequested()) await flags.raise(jobId);
  } catch (error) {
    logger.warn({ error }, 'cancel flags not raised');
  }
}
