import { ExportError } from '@waybill/errors';
import type { Eraser, ErasureScope } from '@waybill/erasure';
import type { Logger } from '@waybill/observability';
import { stored } from '@waybill/mongo';
import { companyId, userId, type JobId } from '@waybill/domain';
import type { Db, Filter } from 'mongodb';
import { requestCancel, type RaisedFlags } from './cancel.ts';
import type { PersonalKeys } from './personal-keys.ts';
import type { JobDocument, JobStore } from './job-store.ts';

export interface EraserParts {
  readonly db: Db;
  readonly jobs: JobStore;
  readonly personalKeys: Pick<PersonalKeys, 'forget'>;
  readonly flags: Pick<RaisedFlags, 'raise'>;
  /** Wakes the streams of a job. */
  readonly onChange: (jobId: JobId) => void;
  readonly logger: Logger;
}

export interface ErasureCounts {
  /** With their requests, their claims and their events. */
  readonly jobs: number;
  /** Shared ones too: they are the person's own words. */
  readonly presets: number;
  readonly last_configurations: number;
  readonly personal_keys: number;
}

/**
 * Running jobs are cancelled and stay, counted as left, until they have ended: a job whose document is gone could not
 * be cancelled again where Redis forgets its flag. They go when the erasure is asked for again. No tombstone is needed:
 * intake makes no document of an event.
 */
export function createEraser(parts: EraserParts): Eraser<ErasureCounts> {
  const jobs = parts.jobs.collection;
  const presets = parts.db.collection('presets');
  const lasts = parts.db.collection<{ _id: string }>('last_configurations');
  const keys = parts.db.collection<{ _id: string }>('personal_keys');

  return {
    erase: async (scope, now) => {
      await cancelRunning(parts, scope, now.getTime());
      const owned = ownedBy(scope);
      const person = personsOf(scope);
      const removed = {
        jobs: (await stored(jobs.deleteMany({ ...owned, ended_at: { $ne: null } }))).deletedCount,
        presets: (await stored(presets.deleteMany(owned))).deletedCount,
        last_configurations: (await stored(lasts.deleteMany(person))).deletedCount,
        personal_keys: (await stored(keys.deleteMany(person))).deletedCount,
      };
      parts.personalKeys.forget(scope);
      return {
        removed,
        remaining: {
          jobs: await stored(jobs.countDocuments(owned)),
          presets: await stored(presets.countDocuments(owned)),
          last_configurations: await stored(lasts.countDocuments(person)),
          personal_keys: await stored(keys.countDocuments(person)),
        },
      };
    },
  };
}

async function cancelRunning(parts: EraserParts, scope: ErasureScope, now: number): Promise<void> {
  const running = { ...ownedBy(scope), ended_at: null };
  for (const job of await stored(parts.jobs.collection.find(running).toArray())) {
    if (!(await cancel(parts, job, now))) continue;
    // With Redis down the flag is raised within seconds of its return (cancel.ts).
    await parts.flags.raise(job._id).catch((error: unknown) => {
      parts.logger.warn({ error, job_id: job._id }, 'cancel flag not raised yet');
    });
    parts.onChange(job._id);
  }
}

/** False where the job has ended meanwhile. */
async function cancel({ jobs }: EraserParts, job: JobDocument, now: number): Promise<boolean> {
  try {
    await requestCancel(jobs, job, now);
    return true;
  } catch (error) {
    const ended = ['EXPORT_NOT_CANCELLABLE', 'EXPORT_NOT_FOUND'];
    if (error instanceof ExportError && ended.includes(error.code)) return false;
    throw error;
  }
}

function ownedBy(
  scope: ErasureScope,
): Pick<JobDocument, 'company_id'> & Partial<Pick<JobDocument, 'user_id'>> {
  const company = { company_id: companyId(scope.companyId) };
  return scope.userId === undefined ? company : { ...company, user_id: userId(scope.userId) };
}

/** Documents whose id is company and user with a blank between; the ids themselves hold none. */
function personsOf(scope: ErasureScope): Filter<{ readonly _id: string }> {
  if (scope.userId !== undefined) return { _id: `${scope.companyId} ${scope.userId}` };
  // The character after the blank ends the range.
  return { _id: { $gte: `${scope.companyId} `, $lt: `${scope.companyId}!` } };
}
