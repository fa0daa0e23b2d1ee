import { childOf, type Logger, type Metrics } from '@waybill/observability';
import type { JobId } from '@waybill/domain';
import type { Job, Repeats } from './job.ts';
import type { JobDocument, JobStore } from './job-store.ts';
import { requestedEntry } from './new-job.ts';

/*
 * *Reconciliation* makes every job end, whichever message was lost. A job without an end and without progress is
 * *overdue*: its request is published again, with the same event id and a *repeat* that says what the resolver does if it
 * has resolved the job:
 *
 *   answer   send the end again. Render closes the job with it, or publishes export.completed again.
 *   resolve  produce all batches again, because render has reported that it cannot read them.
 *   fail     end the job as failed, after too many repeats.
 *
 * A resolver that has not resolved the job resolves it, except for `fail`. Render remains the only service that says how a
 * job has ended.
 */

/** Jobs whose requests one run publishes again. The rest waits for the next run. */
const maximumPerRun = 200;

export interface ReconciliationRules {
  /** A job without progress for this long is overdue. The pause doubles with each repeat. */
  readonly afterMs: number;
  readonly longestPauseMs: number;
  /** Repeats before the next one ends the job as failed. */
  readonly maximumRepeats: number;
}

/** Returns the next repeat of a job's request. */
export function nextRepeat(
  job: Pick<Job, 'repeats'>,
  { reason, now }: { readonly reason: 'overdue' | 'batches lost'; readonly now: number },
  { afterMs, longestPauseMs, maximumRepeats }: ReconciliationRules,
): Repeats {
  const count = (job.repeats?.count ?? 0) + 1;
  const pauseMs = Math.min(afterMs * 2 ** count, longestPauseMs);
  const helpful = reason === 'batches lost' ? 'resolve' : 'answer';
  return { count, action: count > maximumRepeats ? 'fail' : helpful, due_at: now + pauseMs };
}

/**
 * Returns whether to ask for the batches again when render reports that it cannot read them. Not while the resolver was
 * asked for them a short time ago: the report may be about the batches before.
 */
export function mayResolveAgain({ repeats }: Pick<Job, 'repeats'>, now: number): boolean {
  return repeats?.action !== 'resolve' || repeats.due_at <= now;
}

/** Returns when the attempt last made progress. */
export function lastProgressAt({ queued_at, progress_at }: Pick<Job, 'queued_at' | 'progress_at'>): number {
  return Math.max(queued_at, progress_at ?? 0);
}

export interface Reconciliation {
  /** Publishes the requests of overdue jobs again and updates the metrics. @throws ExportError SERVICE_UNAVAILABLE */
  run(): Promise<void>;
  /** Asks the resolver for the batches of a running job again. @throws ExportError SERVICE_UNAVAILABLE */
  onBatchesLost(job: JobDocument): Promise<void>;
}

export interface ReconciliationDeps {
  readonly jobs: Pick<JobStore, 'overdue' | 'repeat' | 'unfinished'>;
  /** Publishes the events in a job's outbox. Never throws. */
  readonly publish: (jobId: JobId) => void;
  readonly rules: ReconciliationRules;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

export function createReconciliation(deps: ReconciliationDeps): Reconciliation {
  const { jobs, rules, logger, now } = deps;
  const metrics = createReconciliationMetrics(deps.metrics);

  /** Two instances may find the same job: only one of them stores the repeat. */
  async function repeat(job: JobDocument, reason: 'overdue' | 'batches lost'): Promise<void> {
    const at = now().getTime();
    const repeats = nextRepeat(job, { reason, now: at }, rules);
    const { count, action } = repeats;
    const entry = requestedEntry({
      jobId: job._id,
      owner: { companyId: job.company_id, userId: job.user_id },
      attempt: job.attempt,
      request: job.request,
      traceparent: childOf(undefined),
      repeat: { count, action, since: lastProgressAt(job) },
      now: at,
    });
    if (!(await jobs.repeat(job, repeats, entry))) return;
    metrics.repeats.inc({ action });
    logger.warn({ job_id: job._id, company_id: job.company_id, count, action, reason }, 'request repeated');
    deps.publish(job._id);
  }

  async function measure(): Promise<void> {
    const unfinished = await jobs.unfinished();
    for (const state of ['queued', 'processing'] as const) {
      metrics.unfinished.set({ state }, unfinished.find(({ status }) => status === state)?.count ?? 0);
    }
    const at = now().getTime();
    const oldest = Math.min(at, ...unfinished.map((jobsOfState) => jobsOfState.oldest));
    metrics.oldestSeconds.set((at - oldest) / 1_000);
  }

  return {
    async run() {
      await measure();
      const at = now().getTime();
      const overdue = { quietSince: at - rules.afterMs, now: at, limit: maximumPerRun };
      for (const job of await jobs.overdue(overdue)) await repeat(job, 'overdue');
    },
    async onBatchesLost(job) {
      if (mayResolveAgain(job, now().getTime())) await repeat(job, 'batches lost');
    },
  };
}

function createReconciliationMetrics(metrics: Metrics) {
  return {
    unfinished: metrics.gauge('waybill_unfinished_jobs', 'Jobs that have not ended', ['state']),
    oldestSeconds: metrics.gauge(
      'waybill_oldest_unfinished_job_seconds',
      'Age of the oldest attempt that has not ended; 0 without one',
    ),
    repeats: metrics.counter(
      'waybill_requests_repeated_total',
      'Requests published again because their job did not end',
      ['action'],
    ),
  };
}
