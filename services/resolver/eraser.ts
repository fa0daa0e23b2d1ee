import { erasedId, type Eraser, type ErasureScope } from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import type { Filter } from 'mongodb';
import type { Resolution } from './resolution.ts';
import type { ResolverCollections } from './resolution-store.ts';

export interface ErasureCounts {
  /** Resolutions that say who asked, or whose. */
  readonly resolutions: number;
  /** Chunks of their frozen lists, those of lost claims too. */
  readonly chunks: number;
}

/**
 * A resolution stays as a husk until the sweeper removes it: without it a request that comes again would be resolved
 * again. One that is still open stays whole and is counted as left: intake cancels its job, and it goes when the erasure
 * is asked for again.
 */
export function createEraser({ resolutions, chunks }: ResolverCollections): Eraser<ErasureCounts> {
  return {
    erase: async (scope, now) => {
      const closed = { ...ownedBy(scope), state: 'closed' as const };
      const found = await stored(resolutions.find(closed, { projection: { _id: 1 } }).toArray());
      const ids = found.map(({ _id }) => _id);
      const ofThem = { job_id: { $in: ids } };
      // The chunks first: the resolutions say whose they are.
      const { deletedCount } = await stored(chunks.deleteMany(ofThem));
      const husk = { company_id: erasedId, user_id: erasedId, columns: null, chunks: [], updated_at: now };
      const ours = { ...closed, _id: { $in: ids } };
      const { modifiedCount } = await stored(resolutions.updateMany(ours, { $set: husk }));
      return {
        removed: { resolutions: modifiedCount, chunks: deletedCount },
        remaining: {
          resolutions: await stored(resolutions.countDocuments(ownedBy(scope))),
          chunks: await stored(chunks.countDocuments(ofThem)),
        },
      };
    },
  };
}

function ownedBy({ companyId, userId }: ErasureScope): Filter<Resolution> {
  return { company_id: companyId, ...(userId === undefined ? {} : { user_id: userId }) };
}
