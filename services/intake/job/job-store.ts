import type { Cursor } from '@waybill/http';
import { removeUpTo, stored, unlessTaken, type OutboxDocument, type OutboxEntry } from '@waybill/mongo';
import { jobId, limits, type CompanyId, type JobId, type UserId } from '@waybill/domain';
import type { Logger } from '@waybill/observability';
import type { SweepRun } from '@waybill/service';
import type { Collection, Db, Filter } from 'mongodb';
import type { Owner } from '../request/fingerprint.ts';
import {
  idempotencyTtlMs,
  type Job,
  type JobChange,
  type JobState,
  type Repeats,
  type StoredStatus,
} from './job.ts';

/**
 * A stored job. It contains its outbox, so that one write stores the job and its event. Unique keys (see fingerprint.ts)
 * are absent instead of null when they do not apply: the unique indexes are sparse and index only the documents with one.
 */
export interface JobDocument extends Job, OutboxDocument<JobId> {
  readonly company_id: CompanyId;
  readonly user_id: UserId;
  /** Hash of the parsed request. Shows whether a repeated Idempotency-Key comes with the same request. */
  readonly fingerprint: string;
  /** Unique key of user and fingerprint, set while the job runs: an identical request returns this job. */
  readonly active_key?: string;
  /** Unique keys of user and Idempotency-Key that return this job, until they are a day old. */
  readonly unique_keys?: readonly string[];
  /** Time of the newest Idempotency-Key. */
  readonly keyed_at?: number;
}

/** The changes that a retry writes. */
export interface NextAttempt {
  readonly state: JobState;
  readonly entry: OutboxEntry;
  /** Unique key of user and fingerprint, as for a new job. */
  readonly activeKey: string;
}

/** The jobs to look for: those without an end, progress or repeated request since some time. */
export interface OverdueQuery {
  /** Jobs that were accepted or made progress after this time are not overdue. */
  readonly quietSince: number;
  readonly now: number;
  readonly limit: number;
}

/** A page of jobs, newest request first. */
export interface JobPage {
  readonly jobs: readonly JobDocument[];
  /** Absent after the last page. */
  readonly next?: Cursor;
}

/** The jobs of one status that have not ended. */
export interface UnfinishedJobs {
  readonly status: StoredStatus;
  readonly count: number;
  /** When the oldest attempt was accepted. */
  readonly oldest: number;
}

/** Stores jobs in the collection `jobs`: one document per job, removed seven days after its end. */
export interface JobStore {
  readonly collection: Collection<JobDocument>;
  /** Returns `duplicate` when another job has the same unique key: find that job and return it. */
  insert(document: JobDocument): Promise<'inserted' | 'duplicate'>;
  find(companyId: CompanyId, jobId: JobId): Promise<JobDocument | undefined>;
  /** Needs no company id, because unique keys contain company and user. */
  findByIdempotencyKey(uniqueKey: string): Promise<JobDocument | undefined>;
  findActive(activeKey: string): Promise<JobDocument | undefined>;
  /** Returns a page of the jobs of a person that have not ended. */
  activeOf(owner: Owner, page: { readonly limit: number; readonly after?: Cursor }): Promise<JobPage>;
  /** Adds a key that returns this job from now on, unless another job has the key or this one has too many. */
  addIdempotencyKey(job: JobDocument, uniqueKey: string, now: number): Promise<'added' | 'taken' | 'full'>;
  removeIdempotencyKey(job: JobDocument, uniqueKey: string): Promise<void>;
  /** Compares and sets by version: returns false when the job has changed since it was read. */
  change(job: JobDocument, change: NonNullable<JobChange>): Promise<boolean>;
  /** Stores the next attempt with its event. Compares and sets by version, as `change` does. */
  retry(job: JobDocument, next: NextAttempt): Promise<boolean>;
  /** Returns the overdue jobs, oldest first. Jobs whose event is not published yet are left to the outbox. */
  overdue(query: OverdueQuery): Promise<readonly JobDocument[]>;
  /** Stores that the request is published again, with its event. Returns false if the job has ended or was repeated. */
  repeat(job: JobDocument, repeats: Repeats, entry: OutboxEntry): Promise<boolean>;
  unfinished(): Promise<readonly UnfinishedJobs[]>;
  /** Returns the running attempts with a cancellation request. */
  cancelRequested(): Promise<readonly Pick<JobDocument, '_id' | 'attempt'>[]>;
  /** Returns the bytes that count against the company's quota at an instant. */
  heldBytes(companyId: CompanyId, now: number): Promise<number>;
  /** Removes Idempotency-Keys that are older than 24 hours. Returns the number of their jobs. */
  removeIdempotencyKeys(now: number): Promise<number>;
  /** Removes jobs that ended more than seven days ago, a bounded number of them. Returns how many. */
  removeEnded(now: number): Promise<number>;
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
    findByIdempotencyKey: (uniqueKey) => found({ unique_keys: uniqueKey }),
    findActive: (activeKey) => found({ active_key: activeKey }),
    activeOf: (owner, page) => activeOf(collection, owner, page),
    async addIdempotencyKey(job, uniqueKey, now) {
      const hasRoom = { [`unique_keys.${limits.idempotencyKeys - 1}`]: { $exists: false } };
      const update = { $addToSet: { unique_keys: uniqueKey }, $set: { keyed_at: now } };
      const writing = collection.updateOne({ ...own(job), ...hasRoom }, update);
      if (!(await unlessTaken(writing))) return 'taken';
      return (await writing).matchedCount === 1 ? 'added' : 'full';
    },
    async removeIdempotencyKey(job, uniqueKey) {
      await stored(collection.updateOne(own(job), { $pull: { unique_keys: uniqueKey } }));
    },
    async change(job, change) {
      const ended = change.ended_at !== undefined && change.ended_at !== null;
      const update = { $set: change, ...(ended ? { $unset: { active_key: '' as const } } : {}) };
      const result = await stored(collection.updateOne(unchanged(job), update));
      return result.modifiedCount === 1;
    },
    retry: (job, next) => startAttempt(collection, job, next),
    overdue: ({ quietSince, now, limit }) =>
      stored(
        collection
          .find({
            ended_at: null,
            queued_at: { $lte: quietSince },
            outbox_pending: false,
            $and: [
              { $or: [{ progress_at: null }, { progress_at: { $lte: quietSince } }] },
              { $or: [{ repeats: null }, { 'repeats.due_at': { $lte: now } }] },
            ],
          })
          .sort({ queued_at: 1 })
          .limit(limit)
          .toArray(),
      ),
    async repeat(job, repeats, entry) {
      const last = job.repeats === null ? { repeats: null } : { 'repeats.count': job.repeats.count };
      const filter = { ...own(job), attempt: job.attempt, ended_at: null, outbox_pending: false, ...last };
      const update = { $push: { outbox: entry }, $set: { repeats, outbox_pending: true } };
      return (await stored(collection.updateOne(filter, update))).modifiedCount === 1;
    },
    unfinished: () =>
      stored(
        collection
          .aggregate<UnfinishedJobs>([
            { $match: { ended_at: null } },
            { $group: { _id: '$status', count: { $sum: 1 }, oldest: { $min: '$queued_at' } } },
            { $project: { _id: 0, status: '$_id', count: 1, oldest: 1 } },
          ])
          .toArray(),
      ),
    async cancelRequested() {
      const filter = { cancel_requested: true, ended_at: null };
      return stored(collection.find(filter, { projection: { _id: 1, attempt: 1 } }).toArray());
    },
    heldBytes: (companyId, now) => heldBytes(collection, companyId, now),
    async removeIdempotencyKeys(now) {
      const keyed = { keyed_at: { $lt: now - idempotencyTtlMs } };
      const unsetKeys = { $unset: { unique_keys: '' as const, keyed_at: '' as const } };
      return (await stored(collection.updateMany(keyed, unsetKeys))).modifiedCount;
    },
    removeEnded: (now) => removeUpTo(collection, { ended_at: { $ne: null, $lt: now - limits.statusTtlMs } }),
  };
}

function own(job: JobDocument): Filter<JobDocument> {
  return { _id: job._id, company_id: job.company_id };
}

/** Matches only while the job has the version that was read. */
function unchanged(job: JobDocument): Filter<JobDocument> {
  return { ...own(job), version: job.version };
}

async function activeOf(
  collection: Collection<JobDocument>,
  { companyId, userId }: Owner,
  { limit, after }: { readonly limit: number; readonly after?: Cursor },
): Promise<JobPage> {
  const running = { company_id: companyId, user_id: userId, ended_at: null };
  const filter: Filter<JobDocument> = after === undefined ? running : { $and: [running, beyond(after)] };
  // One job more than the page has shows whether another page follows.
  const order = { accepted_at: -1, _id: -1 } as const;
  const found = await stored(
    collection
      .find(filter)
      .sort(order)
      .limit(limit + 1)
      .toArray(),
  );
  const jobs = found.slice(0, limit);
  const last = jobs.at(-1);
  if (found.length <= limit || last === undefined) return { jobs };
  return { jobs, next: { at: new Date(last.accepted_at), id: last._id } };
}

function beyond({ at, id }: Cursor): Filter<JobDocument> {
  const accepted_at = at.getTime();
  return { $or: [{ accepted_at: { $lt: accepted_at } }, { accepted_at, _id: { $lt: jobId(id) } }] };
}

async function startAttempt(
  collection: Collection<JobDocument>,
  job: JobDocument,
  { state, entry, activeKey }: NextAttempt,
): Promise<boolean> {
  const update = { $push: { outbox: entry }, $set: { ...state, outbox_pending: true } };
  const withActiveKey = { ...update, $set: { ...update.$set, active_key: activeKey } };
  let started = false;
  const write = async (change: typeof update): Promise<void> => {
    started = (await collection.updateOne(unchanged(job), change)).modifiedCount === 1;
  };
  // Another running job of the same request may have the active key. This attempt then runs without it.
  if (!(await unlessTaken(write(withActiveKey)))) await stored(write(update));
  return started;
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

/** Counts of one sweep. */
export interface Swept {
  /** Jobs whose Idempotency-Keys were removed. */
  readonly keys: number;
  readonly jobs: number;
}

/** Removes Idempotency-Keys after 24 hours and ended jobs after seven days. */
export async function sweepJobs(
  { jobs, logger }: { readonly jobs: JobStore; readonly logger: Logger },
  { step, now }: SweepRun,
): Promise<Swept> {
  const at = now.getTime();
  const swept = {
    keys: await step('idempotency keys', () => jobs.removeIdempotencyKeys(at)),
    jobs: await step('jobs', () => jobs.removeEnded(at)),
  };
  if (swept.keys + swept.jobs > 0) logger.info({ ...swept }, 'expired jobs removed');
  return swept;
}
