import { createHash } from 'node:crypto';
import { stored } from '@waybill/store';
import type { Collection } from 'mongodb';
import type { EndedExport } from './ended-export.ts';

/** That a person or a company was erased, without saying who: what they asked for before then is told to nobody. */
export interface ErasureDocument {
  /** SHA-256 of company and person. */
  readonly _id: string;
  readonly erased_at: Date;
  /** Longer than export.completed is kept, so that no replay brings anything back. */
  readonly keep_until: Date;
}

/** Whose data; a whole company's where no person is named. */
export interface ErasureScope {
  readonly companyId: string;
  readonly userId?: string | undefined;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface ErasureStore {
  add(scope: ErasureScope, now: Date): Promise<void>;
  /** Whether the export was asked for by a person, or in a company, that was erased since. */
  covers(ended: Pick<EndedExport, 'companyId' | 'userId' | 'job'>): Promise<boolean>;
  removePast(now: Date): Promise<number>;
}

const erasureTtlMs = 120 * 86_400_000;

export function createErasureStore(erasures: Collection<ErasureDocument>): ErasureStore {
  return {
    add: async (scope, now) => {
      const marks = { erased_at: now, keep_until: new Date(now.getTime() + erasureTtlMs) };
      await stored(erasures.updateOne({ _id: idOf(scope) }, { $set: marks }, { upsert: true }));
    },
    covers: async ({ companyId, userId, job }) => {
      const ids = [idOf({ companyId }), idOf({ companyId, userId })];
      const found = await stored(erasures.find({ _id: { $in: ids } }).toArray());
      return found.some(({ erased_at }) => erased_at.getTime() >= job.requested_at);
    },
    removePast: async (now) => (await stored(erasures.deleteMany({ keep_until: { $lt: now } }))).deletedCount,
  };
}

function idOf({ companyId, userId }: ErasureScope): string {
  return createHash('sha256')
    .update(JSON.stringify([companyId, userId ?? null]))
    .digest('hex');
}
