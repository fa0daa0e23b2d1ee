import {
  countFiles,
  erasedId,
  filesPrefixOf,
  jobsWithFiles,
  removeFiles,
  type Eraser,
  type ErasureScope,
  type FileDeps,
} from '@waybill/erasure';
import { jobId } from '@waybill/domain';
import { stored } from '@waybill/mongo';
import type { Collection, Filter } from 'mongodb';
import type { RenderJob } from './job/job.ts';

export interface EraserDeps extends FileDeps {
  readonly jobs: Collection<RenderJob>;
}

export interface ErasureCounts {
  /** Job records that name the person or the company. */
  readonly jobs: number;
  /** Objects, with or without a pointer, and unfinished uploads. */
  readonly files: number;
}

/**
 * Creates the eraser of files and job records. A record stays as a tombstone until the sweeper removes it: without it, a
 * message that is delivered again would create the file again. A job that is open, or whose ending is not published yet,
 * is counted as remaining: intake cancels it, and a repeated erasure removes it.
 */
export function createEraser(deps: EraserDeps): Eraser<ErasureCounts> {
  const { jobs } = deps;
  return {
    erase: async (scope, now) => {
      const ended = await stored(jobs.find(endedOf(scope), { projection: { _id: 1 } }).toArray());
      const ids = ended.map(({ _id }) => _id);
      const left = await stored(jobs.countDocuments({ ...ownedBy(scope), _id: { $nin: ids } }));
      // The whole company's prefix, unless an open job still writes there.
      const prefixes =
        scope.userId === undefined && left === 0
          ? [filesPrefixOf(deps, scope.companyId)]
          : [...ids, ...(await erasedWithFiles(deps, scope))].map((id) =>
              filesPrefixOf(deps, scope.companyId, id),
            );
      // Files first: the records name their keys.
      const files = await removeFiles(deps, prefixes);
      const erasable = { ...endedOf(scope), _id: { $in: ids } };
      const { modifiedCount } = await stored(jobs.updateMany(erasable, { $set: tombstone(now) }));
      return {
        removed: { jobs: modifiedCount, files },
        remaining: {
          jobs: await stored(jobs.countDocuments(ownedBy(scope))),
          files: await countFiles(deps, prefixes),
        },
      };
    },
  };
}

/** Returns the jobs of earlier erasures that have a file again: a superseded render can finish its upload afterwards. */
async function erasedWithFiles(deps: EraserDeps, { companyId }: ErasureScope): Promise<readonly string[]> {
  const withFiles = (await jobsWithFiles(deps, companyId)).map(jobId);
  const tombstones = { _id: { $in: withFiles }, company_id: erasedId };
  const found = await stored(deps.jobs.find(tombstones, { projection: { _id: 1 } }).toArray());
  return found.map(({ _id }) => _id);
}

function ownedBy({ companyId, userId }: ErasureScope): Filter<RenderJob> {
  return { company_id: companyId, ...(userId === undefined ? {} : { 'spec.user_id': userId }) };
}

/** Jobs with an event in the outbox are left: it carries personal data and must still be published. */
function endedOf(scope: ErasureScope): Filter<RenderJob> {
  return { ...ownedBy(scope), state: { $ne: 'open' }, outbox_pending: false };
}

/** Returns the fields to overwrite. State, attempt and epoch stay, to recognise messages that are delivered again. */
function tombstone(now: Date) {
  return {
    company_id: erasedId,
    spec: null,
    file: null,
    receipt: null,
    file_removed_at: now,
    updated_at: now,
  };
}
