import { ExportError } from '@waybill/errors';
import type { Eraser, ErasureScope } from '@waybill/erasure';
import type { Logger } from '@waybill/observability';
import { stored } from '@waybill/mongo';
import { companyId, userId, type JobId } from '@waybill/domain';
import type { Db, Filter } from 'mongodb';
import { requestCancel } from './cancel.ts';
import type { CancelFlags } from '@waybill/redis';
import type { PersonalKeys } from './personal-keys.ts';
import type { JobDocument, JobStore } from './job-store.ts';

export interface EraserDeps {
  readonly db: Db;
  readonly jobs: JobStore;
  readonly personalKeys: Pick<PersonalKeys, 'removeCached'>;
  readonly flags: Pick<CancelFlags, 'raise'>;
  /** Notifies the status streams of a job. */
  readonly onChange: (jobId: JobId) => void;
  readonly logger: Logger;
}

export interface ErasureCounts {
  /** Documents with request, unique keys and outbox. */
  readonly jobs: number;
  /** Shared presets too, because the person wrote them. */
  readonly presets: number;
  readonly last_configurations: number;
  readonly personal_keys: number;
}

/**
 * Creates the eraser of this service. Running jobs are cancelled and count as remaining until they have ended: their
 * documents are needed to raise the cancel flag again after Redis lost it. A repeated erasure removes them. No tombstone
 * is needed, because intake creates no document from an event.
 */
export function createEraser(deps: EraserDeps): Eraser<ErasureCounts> {
  const jobs = deps.jobs.collection;
  const presets = deps.db.collection('presets');
  const lastConfigurations = deps.db.collection<{ _id: string }>('last_configurations');
  const keys = deps.db.collection<{ _id: string }>('personal_keys');

  return {
    erase: async (scope, now) => {
      await cancelRunning(deps, scope, now.getTime());
      const owned = ofOwner(scope);
      const person = personsOf(scope);
      const removed = {
        jobs: (await stored(jobs.deleteMany({ ...owned, ended_at: { $ne: null } }))).deletedCount,
        presets: (await stored(presets.deleteMany(owned))).deletedCount,
        last_configurations: (await stored(lastConfigurations.deleteMany(person))).deletedCount,
        personal_keys: (await stored(keys.deleteMany(person))).deletedCount,
      };
      deps.personalKeys.removeCached(scope);
      return {
        removed,
        remaining: {
          jobs: await stored(jobs.countDocuments(owned)),
          presets: await stored(presets.countDocuments(owned)),
          last_configurations: await stored(lastConfigurations.countDocuments(person)),
          personal_keys: await stored(keys.countDocuments(person)),
        },
      };
    },
  };
}

async function cancelRunning(deps: EraserDeps, scope: ErasureScope, now: number): Promise<void> {
  const running = { ...ofOwner(scope), ended_at: null };
  for (const job of await stored(deps.jobs.collection.find(running).toArray())) {
    if (!(await cancel(deps, job, now))) continue;
    // While Redis is down the flag is raised later, by raiseCancelFlags (cancel.ts).
    await deps.flags.raise(job._id, job.attempt).catch((error: unknown) => {
      deps.logger.warn({ error, job_id: job._id }, 'cancel flag not raised');
    });
    deps.onChange(job._id);
  }
}

/** Returns false when the job has ended in the meantime. */
async function cancel({ jobs }: EraserDeps, job: JobDocument, now: number): Promise<boolean> {
  try {
    await requestCancel(jobs, job, now);
    return true;
  } catch (error) {
    const ended = ['EXPORT_NOT_CANCELLABLE', 'EXPORT_NOT_FOUND'];
    if (error instanceof ExportError && ended.includes(error.code)) return false;
    throw error;
  }
}

function ofOwner(
  scope: ErasureScope,
): Pick<JobDocument, 'company_id'> & Partial<Pick<JobDocument, 'user_id'>> {
  const company = { company_id: companyId(scope.companyId) };
  return scope.userId === undefined ? company : { ...company, user_id: userId(scope.userId) };
}

/** Matches documents whose id is company id and user id with a space between; the ids contain no spaces. */
function personsOf(scope: ErasureScope): Filter<{ readonly _id: string }> {
  if (scope.userId !== undefined) return { _id: `${scope.companyId} ${scope.userId}` };
  // `!` is the character after the space: it ends the range.
  return { _id: { $gte: `${scope.companyId} `, $lt: `${scope.companyId}!` } };
}
