import { createHash } from 'node:crypto';
import { stored } from '@waybill/mongo';
import type { Collection } from 'mongodb';
import type { ErasureScope } from './eraser.ts';

/** That a person or a company was erased, without saying who. */
export interface TombstoneDocument {
  /** SHA-256 of company and person. */
  readonly _id: string;
  readonly erased_at: Date;
  /** Longer than export.completed is kept, so that no replay and no rebuild brings anything back. */
  readonly keep_until: Date;
}

/** Who asked for an export, and when. */
export interface AskedExport {
  readonly companyId: string;
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
}

/** For services that make documents of events. @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface Tombstones {
  /** Before anything is removed: what is handled from then on is covered. */
  add(scope: ErasureScope, now: Date): Promise<void>;
  /** Whether an export was asked for by a person, or in a company, that was erased since. */
  coverOf(asked: AskedExport): Promise<'company' | 'person' | undefined>;
  removePast(now: Date): Promise<number>;
}

const tombstoneTtlMs = 120 * 86_400_000;

export function createTombstones(collection: Collection<TombstoneDocument>): Tombstones {
  return {
    add: async (scope, now) => {
      const marks = { erased_at: now, keep_until: new Date(now.getTime() + tombstoneTtlMs) };
      await stored(collection.updateOne({ _id: idOf(scope) }, { $set: marks }, { upsert: true }));
    },
    coverOf: async ({ companyId, userId, requestedAt }) => {
      const company = idOf({ companyId });
      const ids = [company, idOf({ companyId, userId })];
      const found = await stored(collection.find({ _id: { $in: ids } }).toArray());
      const covering = found.filter(({ erased_at }) => erased_at.getTime() >= requestedAt);
      if (covering.some(({ _id }) => _id === company)) return 'company';
      return covering.length > 0 ? 'person' : undefined;
    },
    removePast: async (now) =>
      (await stored(collection.deleteMany({ keep_until: { $lt: now } }))).deletedCount,
  };
}

function idOf({ companyId, userId }: ErasureScope): string {
  return createHash('sha256')
    .update(JSON.stringify([companyId, userId ?? null]))
    .digest('hex');
}
