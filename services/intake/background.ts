import type { ServiceContext } from '@waybill/service';
import { limits } from '@waybill/vocabulary';
import { keepFlagsRaised, type RaisedFlags } from './cancel.ts';
import type { IntakeConfig } from './config.ts';
import { keyTtlMs } from './dedup.ts';
import { every } from './every.ts';
import type { JobStore } from './store.ts';

export interface BackgroundParts {
  readonly jobs: JobStore;
  readonly flags: RaisedFlags;
  readonly config: Pick<IntakeConfig, 'CANCEL_EVERY_MS' | 'SWEEP_EVERY_MS'>;
  readonly now: () => number;
}

/** What runs beside the requests until the signal is aborted; resolves when all of it has come to rest. */
export async function runBackground(
  { jobs, flags, config, now }: BackgroundParts,
  { logger, metrics }: ServiceContext,
  signal: AbortSignal,
): Promise<void> {
  const removed = metrics.counter('intake_jobs_removed_total', 'Jobs removed seven days after their end');
  await Promise.all([
    every(config.CANCEL_EVERY_MS, signal, () => keepFlagsRaised({ jobs, flags, logger })),
    every(config.SWEEP_EVERY_MS, signal, async () => {
      try {
        removed.inc(await sweep(jobs, now()));
      } catch (error) {
        logger.warn({ error }, 'sweep failed');
      }
    }),
  ]);
}

/** Removes what is kept no longer: jobs after seven days, Idempotency-Keys after one. Returns the number of jobs. */
export async function sweep(
  jobs: Pick<JobStore, 'releaseKeysBefore' | 'removeEndedBefore'>,
  now: number,
): Promise<number> {
  await jobs.releaseKeysBefore(now - keyTtlMs);
  return jobs.removeEndedBefore(now - limits.statusTtlMs);
}
