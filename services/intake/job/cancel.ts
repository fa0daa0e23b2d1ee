import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { CancelFlags } from '@waybill/redis';
import { isTerminal } from './job.ts';
import { statusAt } from './status.ts';
import type { JobDocument, JobStore } from './job-store.ts';

/**
 * Stores a cancellation request in the job. Callers then raise the flag in Redis, where resolver and render see it.
 * A repeated request changes nothing.
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
      throw new ExportError('EXPORT_NOT_CANCELLABLE', { params: { job_status: statusAt(current, now) } });
    }
    if (current.cancel_requested) return current;
    const change = { cancel_requested: true, version: current.version + 1 };
    if (await jobs.change(current, change)) return { ...current, ...change };
    // A progress report changed the job in the meantime: read it again.
    current = (await jobs.find(current.company_id, current._id)) ?? throwRemoved(current);
  }
}

function throwRemoved(job: JobDocument): never {
  throw new ExportError('EXPORT_NOT_FOUND', { params: { job_id: job._id } });
}

export interface RaiseCancelFlagsDeps {
  readonly jobs: Pick<JobStore, 'cancelRequested'>;
  readonly flags: Pick<CancelFlags, 'raise'>;
  readonly logger: Logger;
}

/**
 * Raises the flag of every running job with a cancellation request. Runs every few seconds, because Redis may have been
 * down or may have lost the flag. Never throws.
 */
export async function raiseCancelFlags({ jobs, flags, logger }: RaiseCancelFlagsDeps): Promise<void> {
  try {
    for (const { _id, attempt } of await jobs.cancelRequested()) await flags.raise(_id, attempt);
  } catch (error) {
    logger.warn({ error }, 'cancel flags not raised');
  }
}
