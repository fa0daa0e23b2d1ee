import { createHash } from 'node:crypto';
import { removeUpTo, stored } from '@waybill/mongo';
import type { Collection } from 'mongodb';
import { erasedId, type ErasureScope } from './eraser.ts';

/** Records that a person or a company was erased, without naming them. */
export interface TombstoneDocument {
  /** SHA-256 of company and person. */
  readonly _id: string;
  readonly erased_at: Date;
  /** Removed after this instant. Longer than export.completed is kept, so that no replay and no rebuild brings data back. */
  readonly keep_until: Date;
}

/** The requester of an export, and the time of the request. */
export interface RequestedExport {
  readonly companyId: string;
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
}

/**
 * Tombstones, for services that build documents from events.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export interface Tombstones {
  /** Call it before anything is removed, so that events handled in the meantime are covered. */
  add(scope: ErasureScope, now: Date): Promise<void>;
  /** Returns whether the company or the person of a request was erased since the request. */
  coverOf(request: RequestedExport): Promise<'company' | 'person' | undefined>;
  /** Removes expired tombstones and returns how many there were. */
  removePast(now: Date): Promise<number>;
}

/** 120 days: export.completed is kept for 100. */
const tombstoneTtlMs = 120 * 86_400_000;

export function createTombstones(collection: Collection<TombstoneDocument>): Tombstones {
  return {
    add: async (scope, now) => {
      const times = { erased_at: now, keep_until: new Date(now.getTime() + tombstoneTtlMs) };
      await stored(collection.updateOne({ _id: hashOf(scope) }, { $set: times }, { upsert: true }));
    },
    coverOf: async ({ companyId, userId, requestedAt }) => {
      const company = hashOf({ companyId });
      const ids = [company, hashOf({ companyId, userId })];
      const found = await stored(collection.find({ _id: { $in: ids } }).toArray());
      const covering = found.filter(({ erased_at }) => erased_at.getTime() >= requestedAt);
      if (covering.some(({ _id }) => _id === company)) return 'company';
      return covering.length > 0 ? 'person' : undefined;
    },
    removePast: (now) => removeUpTo(collection, { keep_until: { $lt: now } }),
  };
}

/**
 * Returns the SHA-256 of a company and a person. JSON keeps the two apart, whatever characters the ids contain.
 */
export function hashOf({ companyId, userId }: ErasureScope): string {
  return createHash('sha256')
    .update(JSON.stringify([companyId, userId ?? null]))
    .digest('hex');
}

/**
 * Returns the pseudonym of an erased person or company, for an audit that must be kept: the entries of one person can
 * still be recognised as such, and only somebody who knows the ids finds out whose they are.
 */
export function pseudonymOf(scope: ErasureScope): string {
  return `${erasedId}-${hashOf(scope).slice(0, 32)}`;
}
