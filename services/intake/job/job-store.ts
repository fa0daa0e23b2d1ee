import { stored, unlessTaken, type OutboxDocument, type OutboxEntry } from '@waybill/mongo';
import type { CompanyId, JobId, UserId } from '@waybill/domain';
import type { Collection, Db, Filter } from 'mongodb';
import type { Job, JobChange, JobState } from './job.ts';

/**
 * A job as it is stored. Its outbox is inside, so that a job and its event are one write. Claims (see fingerprint.ts)
 * that are not held are absent, not null: the unique indexes are sparse and hold only documents that have one.
 */
export interface JobDocument extends Job, OutboxDocument<JobId> {
  readonly company_id: CompanyId;
  readonly user_id: UserId;
  /** Of the parsed body; decides whether a repeated Idempotency-Key comes with the same request. */
  readonly fingerprint: string;
  /** The user's claim on that fingerprint while the job runs: an identical request returns this job. */
  readonly active_claim?: string;
  /** The user's claims on the Idempotency-Keys that returned this job, until they are a day old. */
  readonly key_claims?: readonly string[];
  /** When the newest of the keys came. */
  readonly keyed_at?: number;
}

/** What a retry writes. */
export interface NextAttempt {
  readonly state: JobState;
  readonly entry: OutboxEntry;
  /** The user's claim on the request, taken again. */
  readonly claim: string;
}

/** The collection `jobs`: one document a job, removed seven days after its end. */
export interface JobStore {
  readonly collection: Collection<JobDocument>;
  /** `duplicate` when another job has the key or the fingerprint: find it and return that one. */
  insert(document: JobDocument): Promise<'inserted' | 'duplicate'>;
  find(companyId: CompanyId, jobId: JobId): Promise<JobDocument | undefined>;
  /** Claims name company and user themselves. */
  byKeyClaim(claim: string): Promise<JobDocument | undefined>;
  byActiveClaim(claim: string): Promise<JobDocument | undefined>;
  /** A further key that is to return the job. False when another job has it. */
  addKeyClaim(job: JobDocument, claim: string, now: number): Promise<boolean>;
  releaseKeyClaim(job: JobDocument, claim: string): Promise<void>;
  /** Compare-and-set on the version: false when the job was changed since it was read. */
  change(job: JobDocument, change: NonNullable<JobChange>): Promise<boolean>;
  /** The next attempt with its event; compare-and-set as `change` is. */
  retry(job: JobDocument, next: NextAttempt): Promise<boolean>;
  /** Running jobs that are to be cancelled. */
  cancelRequested(): Promise<readonly JobId[]>;
  /** Bytes that count against the company's quota at an instant. */
  heldBytes(companyId: CompanyId, now: number): Promise<number>;
  releaseKeysBefore(instant: number): Promise<number>;
  removeEndedBefore(instant: number): Promise<number>;
}

export function createJobStore(db: Db): JobStore {
  const collection = db.collection<JobDocument>('jobs');
  const found = async (filter: Filter<JobDocument>): Promise<JobDocument | undefined> =>
    (await stored(collection.findOne(filter))) ?? undefined;

  return {
    collection,
    insert: async (document) =>
      (await unlessTaken(collection.insertOne(document))) ? 'inserted' : 'duplicate',
    find: (company_id, _id) => found({ _id, company_id }),
    byKeyClaim: (claim) => found({ key_claims: claim }),
    byActiveClaim: (claim) => found({ active_claim: claim }),
    addKeyClaim: (job, claim, now) =>
      unlessTaken(
        collection.updateOne(own(job), { $addToSet: { key_claims: claim }, $set: { keyed_at: now } }),
      ),
    async releaseKeyClaim(job, claim) {
      await stored(collection.updateOne(own(job), { $pull: { key_claims: claim } }));
    },
    async change(job, change) {
      const ended = change.ended_at !== undefined && change.ended_at !== null;
      const update = { $set: change, ...(ended ? { $unset: { active_claim: '' as const } } : {}) };
      const result = await stored(collection.updateOne(unchanged(job), update));
      return result.modifiedCount === 1;
    },
    retry: (job, next) => beginAttempt(collection, job, next),
    async cancelRequested() {
      const filter = { cancel_requested: true, ended_at: null };
      const jobs = await stored(collection.find(filter, { projection: { _id: 1 } }).toArray());
      return jobs.map((job) => job._id);
    },
    heldBytes: (companyId, now) => heldBytes(collection, companyId, now),
    async releaseKeysBefore(instant) {
      const filter = { keyed_at: { $lt: instant } };
      const update = { $unset: { key_claims: '' as const, keyed_at: '' as const } };
      return (await stored(collection.updateMany(filter, update))).modifiedCount;
    },
    async removeEndedBefore(instant) {
      const filter = { ended_at: { $ne: null, $lt: instant } };
      return (await stored(collection.deleteMany(filter))).deletedCount;
    },
  };
}

function own(job: JobDocument): Filter<JobDocument> {
  return { _id: job._id, company_id: job.company_id };
}

/** Holds only while the job is what it was when it was read. */
function unchanged(job: JobDocument): Filter<JobDocument> {
  return { ...own(job), version: job.version };
}

async function beginAttempt(
  collection: Collection<JobDocument>,
  job: JobDocument,
  { state, entry, claim }: NextAttempt,
): Promise<boolean> {
  const update = { $push: { outbox: entry }, $set: { ...state, outbox_pending: true } };
  const withClaim = { ...update, $set: { ...update.$set, active_claim: claim } };
  let began = false;
  const write = async (change: typeof update): Promise<void> => {
    began = (await collection.updateOne(unchanged(job), change)).modifiedCount === 1;
  };
  // Where another job of the same request runs meanwhile and has the claim, this one runs without.
  if (!(await unlessTaken(write(withClaim)))) await stored(write(update));
  return began;
}

async function heldBytes(
  collection: Collection<JobDocument>,
  companyId: CompanyId,
  now: number,
): Promise<number> {
  const counted = { company_id: companyId, $or: [{ held_until: null }, { held_until: { $gt: now } }] };
  const sums = collection.aggregate<{ bytes: number }>([
    { $match: counted },
    { $group: { _id: null, bytes: { $sum: '$held_bytes' } } },
  ]);
  const [sum] = await stored(sums.toArray());
  return sum?.bytes ?? 0;
}
