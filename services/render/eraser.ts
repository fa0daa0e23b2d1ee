import {
  countFiles,
  erasedId,
  filesPrefixOf,
  removeFiles,
  type Eraser,
  type ErasureScope,
  type FileParts,
} from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import type { Collection, Filter } from 'mongodb';
import type { RenderJob } from './job/job.ts';

export interface EraserParts extends FileParts {
  readonly jobs: Collection<RenderJob>;
}

export interface ErasureCounts {
  /** Records that say who asked, or whose. */
  readonly jobs: number;
  /** Objects, with or without a pointer, and unfinished uploads. */
  readonly files: number;
}

/**
 * A record stays as a husk until the sweeper removes it: without it a message that comes again would make the file
 * again. A job that is still open, or whose end is not published yet, stays whole and is counted as left: intake cancels
 * it, and it goes when the erasure is asked for again.
 */
export function createEraser(parts: EraserParts): Eraser<ErasureCounts> {
  const { jobs } = parts;
  return {
    erase: async (scope, now) => {
      const ended = await stored(jobs.find(endedOf(scope), { projection: { _id: 1 } }).toArray());
      const ids = ended.map(({ _id }) => _id);
      const left = await stored(jobs.countDocuments({ ...ownedBy(scope), _id: { $nin: ids } }));
      const prefixes = prefixesOf(scope, ids, left === 0);
      // The files first: the records say where they lie.
      const files = await removeFiles(parts, prefixes);
      const ours = { ...endedOf(scope), _id: { $in: ids } };
      const { modifiedCount } = await stored(jobs.updateMany(ours, { $set: husk(now) }));
      return {
        removed: { jobs: modifiedCount, files },
        remaining: {
          jobs: await stored(jobs.countDocuments(ownedBy(scope))),
          files: await countFiles(parts, prefixes),
        },
      };
    },
  };
}

function ownedBy({ companyId, userId }: ErasureScope): Filter<RenderJob> {
  return { company_id: companyId, ...(userId === undefined ? {} : { 'job.user_id': userId }) };
}

/** An event in the outbox carries the personal part, and must still be published. */
function endedOf(scope: ErasureScope): Filter<RenderJob> {
  return { ...ownedBy(scope), state: { $ne: 'open' }, outbox_pending: false };
}

/** A company's files go with everything under its name, unless an open job is writing there. */
function prefixesOf({ companyId, userId }: ErasureScope, ids: readonly string[], all: boolean) {
  if (userId === undefined && all) return [filesPrefixOf(companyId)];
  return ids.map((id) => filesPrefixOf(companyId, id));
}

/** State, attempt and epoch stay: they are what repeated messages are held against. */
function husk(now: Date) {
  return {
    company_id: erasedId,
    job: null,
    file: null,
    receipt: null,
    file_removed_at: now,
    updated_at: now,
  };
}
