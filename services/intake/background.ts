import { repeat, type Repeating, type ServiceContext } from '@waybill/service';
import { limits } from '@waybill/domain';
import { keepFlagsRaised, type RaisedFlags } from './job/cancel.ts';
import type { IntakeConfig } from './config.ts';
import { keyTtlMs } from './admission/idempotency.ts';
import type { JobStore } from './job/job-store.ts';

export interface BackgroundParts {
  readonly jobs: JobStore;
  readonly flags: RaisedFlags;
  readonly config: Pick<IntakeConfig, 'CANCEL_EVERY_MS' | 'SWEEP_EVERY_MS'>;
  readonly now: () => number;
}

/** Begins what runs beside the requests, at once and then every so often. */
export function startBackground(
  { jobs, flags, config, now }: BackgroundParts,
  { logger, metrics }: ServiceContext,
): readonly Repeating[] {
  const removed = metrics.counter('intake_jobs_removed_total', 'Jobs removed seven days after their end');
  const flagsKept = repeat({
    everyMs: config.CANCEL_EVERY_MS,
    atOnce: true,
    logger,
    failure: 'cancel flags not raised',
    work: () => keepFlagsRaised({ jobs, flags, logger }),
  });
  const sweeping = repeat({
    everyMs: config.SWEEP_EVERY_MS,
    atOnce: true,
    logger,
    failure: 'sweep failed',
    work: async () => removed.inc(await sweep(jobs, now())),
  });
  return [flagsKept, sweeping];
}

/** Removes what is kept no longer: jobs after seven days, Idempotency-Keys after one. Returns the number of jobs. */
export async function sweep(
  jobs: Pick<JobStore, 'releaseKeysBefore' | 'removeEndedBefore'>,
  now: number,
): Promise<number> {
  await jobs.releaseKeysBefore(now - keyTtlMs);
  return jobs.removeEndedBefore(now - limits.statusTtlMs);
}
