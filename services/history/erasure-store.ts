import { createHash } from 'node:crypto';
import { stored } from '@waybill/store';
import type { Collection } from 'mongodb';
import type { EntryDocument } from './entry.ts';

/** That a person or a company was erased, without saying who. */
export interface ErasureDocument {
  /** SHA-256 of company and person. */
  readonly _id: string;
  readonly erased_at: Date;
  /** Longer than export.completed is kept, so that no replay and no rebuild brings anything back. */
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
  /** Whether an export was asked for by a person, or in a company, that was erased since. */
  coverOf(entry: EntryDocument): Promise<'company' | 'person' | undefined>;
  removePast(now: Date): Promise<number>;
}

const erasureTtlMs = 120 * 86_400_000;

export function createErasureStore(erasures: Collection<ErasureDocument>): ErasureStore {
  return {
    add: async (scope, now) => {
      const marks = { erased_at: now, keep_until: new Date(now.getTime() + erasureTtlMs) };
      await stored(erasures.updateOne({ _id: idOf(scope) }, { $set: marks }, { upsert: true }));
    },
    coverOf: async (entry) => {
      const company = idOf({ companyId: entry.company_id });
      const person = idOf({ companyId: entry.company_id, userId: entry.user_id });
      const found = await stored(erasures.find({ _id: { $in: [company, person] } }).toArray());
      const covering = found.filter(({ erased_at }) => erased_at >= entry.requested_at);
      if (covering.some(({ _id }) => _id === company)) return 'company';
      return covering.length > 0 ? 'person' : undefined;
    },
    removePast: async (now) => (await stored(erasures.deleteMany({ keep_until: { $lt: now } }))).deletedCount,
  };
}

function idOf({ companyId, userId }: ErasureScope): string {
  return createHash('sha256')
    .update(JSON.stringify([companyId, userId ?? null]))
    .digest('hex');
}
