import { randomUUID } from 'node:crypto';
import { stored } from '@waybill/mongo';
import type { Db } from 'mongodb';
import type { ErasureReport, ErasureScope } from './eraser.ts';
import { hashOf } from './tombstones.ts';

/**
 * Who erased what, and when. No erasure and no sweep removes a record, because it shows that a duty was fulfilled. It names
 * the person who requested the erasure and the company; the erased person only by a hash.
 */
export interface ErasureRecord {
  /** The erasure's id, a random UUID. The answer contains it. */
  readonly _id: string;
  readonly company_id: string;
  readonly requested_by: string;
  readonly scope: 'person' | 'company';
  /** SHA-256 of company and person, as in a tombstone. */
  readonly subject: string;
  readonly requested_at: Date;
  /** Null if the erasure did not come to its end; it was repeated then, or has to be. */
  readonly finished_at: Date | null;
  readonly removed: object | null;
  readonly remaining: object | null;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface ErasureRecords {
  /** Call it before anything is removed, so that an erasure that fails is recorded too. Returns the erasure's id. */
  start(scope: ErasureScope, requestedBy: string, now: Date): Promise<string>;
  finish(id: string, report: ErasureReport<object>, now: Date): Promise<void>;
}

/** Returns the records of a service, in the collection `erasure_records` of its database. */
export function createErasureRecords(db: Db): ErasureRecords {
  const records = db.collection<ErasureRecord>('erasure_records');
  return {
    start: async (scope, requestedBy, now) => {
      const record: ErasureRecord = {
        _id: randomUUID(),
        company_id: scope.companyId,
        requested_by: requestedBy,
        scope: scope.userId === undefined ? 'company' : 'person',
        subject: hashOf(scope),
        requested_at: now,
        finished_at: null,
        removed: null,
        remaining: null,
      };
      await stored(records.insertOne(record));
      return record._id;
    },
    finish: async (id, { removed, remaining }, now) => {
      await stored(records.updateOne({ _id: id }, { $set: { finished_at: now, removed, remaining } }));
    },
  };
}
