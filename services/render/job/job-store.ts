import { stored, unlessTaken, type OutboxEntry, type Store } from '@waybill/mongo';
import type { CompanyId, JobId } from '@waybill/domain';
import type { ExportSpec } from '@waybill/schemas';
import type { Collection, MatchKeysAndValues, UpdateFilter } from 'mongodb';
import { closeCondition, decideClaim, type Claim, type RenderJob } from './job.ts';
import type { Ending } from './messages.ts';

/** The attempt whose stream is claimed. */
export interface Claimant {
  readonly jobId: JobId;
  readonly companyId: CompanyId;
  readonly attempt: number;
  readonly stream: number;
  readonly spec: ExportSpec | undefined;
}

/** Position of the first message of the stream that the claiming process reads. */
export interface FirstMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export type Claimed =
  | {
      readonly kind: 'claimed';
      readonly claim: Claim;
      /** What was asked for, if this or an earlier message carried it. */
      readonly spec: ExportSpec | undefined;
    }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'ignore'; readonly reason: string };

/** Whether a close was written; if not, what is stored instead (undefined: the record was removed). */
export type Closed = { readonly won: true } | { readonly won: false; readonly stored: RenderJob | undefined };

export interface Closing {
  readonly ending: Ending;
  readonly events: readonly OutboxEntry[];
  readonly at: Date;
}

/**
 * Stores render's jobs.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached; a close may have been written even then.
 */
export interface JobStore {
  find(jobId: JobId): Promise<RenderJob | undefined>;
  /** Claims an attempt under a new epoch. Earlier claims can no longer close the job. */
  claim(claimant: Claimant, first: FirstMessage, now: Date): Promise<Claimed>;
  /** Writes outcome, file, receipt and events at once, by compare-and-set on the claim. */
  close(claim: Claim, closing: Closing): Promise<Closed>;
  /** Adds an event to the outbox of a closed job, unless the outbox still has events. */
  addEvent(job: RenderJob, event: OutboxEntry): Promise<void>;
}

export function jobsOf(store: Store): Collection<RenderJob> {
  return store.db.collection<RenderJob>('jobs');
}

export function createJobStore(jobs: Collection<RenderJob>): JobStore {
  const find = async (jobId: JobId): Promise<RenderJob | undefined> =>
    (await stored(jobs.findOne({ _id: jobId }))) ?? undefined;

  return {
    find,
    async claim(claimant, { topic, partition, offset }, now) {
      const first = { topic, partition, offset: offset.toString() };
      // Another process may write between the read and the write. Then we decide again on what it wrote.
      for (;;) {
        const known = await find(claimant.jobId);
        const decision = decideClaim(known, claimant);
        if (decision.kind === 'ignore' || decision.kind === 'superseded') return decision;
        const claimed =
          known === undefined
            ? await insert(freshJob(claimant, first, now))
            : await reclaim(known, claimant, first, now);
        if (claimed === undefined) continue;
        const { _id, attempt, epoch, spec } = claimed;
        return { kind: 'claimed', claim: { _id, attempt, epoch }, spec: spec ?? undefined };
      }
    },
    async close(claim, { ending, events, at }) {
      const set: MatchKeysAndValues<RenderJob> = {
        state: ending.state,
        file: ending.state === 'succeeded' ? ending.file : null,
        receipt: ending.state === 'succeeded' ? ending.receipt : null,
        failure: ending.state === 'failed' ? ending.failure : null,
        completed_at: at,
        updated_at: at,
        outbox_pending: true,
      };
      const update: UpdateFilter<RenderJob> = { $set: set, $push: { outbox: { $each: [...events] } } };
      const result = await stored(jobs.updateOne(closeCondition(claim), update));
      return result.matchedCount === 1 ? { won: true } : { won: false, stored: await find(claim._id) };
    },
    async addEvent({ _id, attempt, state }, event) {
      const condition = { _id, attempt, state, outbox_pending: false };
      const update = { $set: { outbox_pending: true }, $push: { outbox: event } };
      await stored(jobs.updateOne(condition, update));
    },
  };

  /** Returns undefined if another process was faster. */
  async function insert(fresh: RenderJob): Promise<RenderJob | undefined> {
    return (await unlessTaken(jobs.insertOne(fresh))) ? fresh : undefined;
  }

  /**
   * Keeps events of an earlier attempt in the outbox until they are published. Returns undefined if another process was
   * faster.
   */
  async function reclaim(
    known: RenderJob,
    claimant: Claimant,
    first: RenderJob['first'],
    now: Date,
  ): Promise<RenderJob | undefined> {
    const { _id, epoch } = known;
    const isNew = known.attempt < claimant.attempt;
    const set: MatchKeysAndValues<RenderJob> = {
      epoch: epoch + 1,
      stream: claimant.stream,
      first,
      updated_at: now,
      spec: claimant.spec ?? (isNew ? null : known.spec),
      ...(isNew ? newAttempt(claimant.attempt, now) : {}),
    };
    const state = isNew ? known.state : ('open' as const);
    const options = { returnDocument: 'after' } as const;
    return (await stored(jobs.findOneAndUpdate({ _id, epoch, state }, { $set: set }, options))) ?? undefined;
  }
}

function newAttempt(attempt: number, now: Date): MatchKeysAndValues<RenderJob> {
  return {
    attempt,
    state: 'open',
    file: null,
    receipt: null,
    failure: null,
    completed_at: null,
    file_removed_at: null,
    created_at: now,
  };
}

function freshJob(claimant: Claimant, first: RenderJob['first'], now: Date): RenderJob {
  return {
    _id: claimant.jobId,
    company_id: claimant.companyId,
    attempt: claimant.attempt,
    epoch: 1,
    stream: claimant.stream,
    state: 'open',
    first,
    spec: claimant.spec ?? null,
    file: null,
    receipt: null,
    failure: null,
    completed_at: null,
    file_removed_at: null,
    outbox: [],
    outbox_pending: false,
    created_at: now,
    updated_at: now,
  };
}
