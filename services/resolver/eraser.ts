import { erasedId, type Eraser, type ErasureScope } from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import type { Filter } from 'mongodb';
import type { Resolution } from './resolution.ts';
import type { ResolverCollections } from './resolution-store.ts';

export interface ErasureCounts {
  /** Resolutions that name the person or the company. */
  readonly resolutions: number;
  /** Chunks of their frozen lists, including those of lost claims. */
  readonly chunks: number;
}

/**
 * Creates the eraser of resolutions. A resolution stays as a tombstone until the sweeper removes it: without it, a request
 * that is delivered again would be resolved again. An open resolution is counted as remaining: intake cancels its job, and
 * a repeated erasure removes it.
 */
export function createEraser({ resolutions, chunks }: ResolverCollections): Eraser<ErasureCounts> {
  return {
    erase: async (scope, now) => {
      const closed = { ...ownedBy(scope), state: 'closed' as const };
      const found = await stored(resolutions.find(closed, { projection: { _id: 1 } }).toArray());
      const ids = found.map(({ _id }) => _id);
      // Those of earlier erasures too: a lost claim may store a chunk after its resolution was erased.
      const erased = await stored(resolutions.distinct('_id', { company_id: erasedId }));
      const byJob = { job_id: { $in: [...ids, ...erased] } };
      // Chunks first: the resolutions name their owner.
      const { deletedCount } = await stored(chunks.deleteMany(byJob));
      const tombstone = {
        company_id: erasedId,
        user_id: erasedId,
        columns: null,
        chunks: [],
        updated_at: now,
      };
      const erasable = { ...closed, _id: { $in: ids } };
      const { modifiedCount } = await stored(resolutions.updateMany(erasable, { $set: tombstone }));
      return {
        removed: { resolutions: modifiedCount, chunks: deletedCount },
        remaining: {
          resolutions: await stored(resolutions.countDocuments(ownedBy(scope))),
          chunks: await stored(chunks.countDocuments(byJob)),
        },
      };
    },
  };
}

function ownedBy({ companyId, userId }: ErasureScope): Filter<Resolution> {
  return { company_id: companyId, ...(userId === undefined ? {} : { user_id: userId }) };
}
