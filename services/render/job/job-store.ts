import { stored, unlessTaken, type OutboxEntry, type Store } from '@waybill/mongo';
import type { ExportSpec } from '@waybill/schemas';
import type { Collection, MatchKeysAndValues, UpdateFilter } from 'mongodb';
import { closeCondition, decideClaim, type Claim, type RenderJob } from './job.ts';
import type { Ending } from './messages.ts';

/** Whose stream is claimed. */
export interface Claimant {
  readonly jobId: string;
  readonly companyId: string;
  readonly attempt: number;
  readonly job: ExportSpec | null;
}

export type Claimed =
  | {
      readonly kind: 'claimed';
      readonly claim: Claim;
      /** What was asked, if this or an earlier message said so. */
      readonly job: ExportSpec | null;
    }
  | { readonly kind: 'ignore'; readonly reason: string };

/** Whether a close was written; if not, what is stored instead (null: the record is gone). */
export type Closed = { readonly won: true } | { readonly won: false; readonly stored: RenderJob | null };

export function hasLost(closed: Closed): closed is Extract<Closed, { won: false }> {
  return !closed.won;
}

/**
 * Render's jobs. @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached; a close may have been written
 * even so.
 */
export interface RenderStore {
  find(jobId: string): Promise<RenderJob | null>;
  /** Claims an attempt under a new epoch: whoever claimed it before can no longer close it. */
  claim(
    claimant: Claimant,
    place: { readonly topic: string; readonly partition: number },
    first: bigint,
    now: Date,
  ): Promise<Claimed>;
  /** Outcome, file, receipt and events in one write, by compare-and-set on the claim. */
  close(claim: Claim, ending: Ending, events: readonly OutboxEntry[], now: Date): Promise<Closed>;
}

export function jobsOf(store: Store): Collection<RenderJob> {
  return store.db.collection<RenderJob>('jobs');
}

export function createRenderStore(jobs: Collection<RenderJob>): RenderStore {
  const find = (jobId: string): Promise<RenderJob | null> => stored(jobs.findOne({ _id: jobId }));

  return {
    find,
    async claim(claimant, { topic, partition }, offset, now) {
      const first = { topic, partition, offset: offset.toString() };
      // A competitor may write between the read and the write; then what it wrote is what is decided on.
      for (;;) {
        const known = await find(claimant.jobId);
        const decision = decideClaim(known, claimant.attempt);
        if (decision.kind === 'ignore') return decision;
        const claimed =
          known === null
            ? await insert(freshJob(claimant, first, now))
            : await reclaim(known, claimant, first, now);
        if (claimed === null) continue;
        const { _id, attempt, epoch, job } = claimed;
        return { kind: 'claimed', claim: { _id, attempt, epoch }, job };
      }
    },
    async close(claim, ending, events, now) {
      const set: MatchKeysAndValues<RenderJob> = {
        state: ending.state,
        file: ending.state === 'succeeded' ? ending.file : null,
        receipt: ending.state === 'succeeded' ? ending.receipt : null,
        completed_at: now,
        updated_at: now,
        outbox_pending: true,
      };
      const update: UpdateFilter<RenderJob> = { $set: set, $push: { outbox: { $each: [...events] } } };
      const result = await stored(jobs.updateOne(closeCondition(claim), update));
      return result.matchedCount === 1 ? { won: true } : { won: false, stored: await find(claim._id) };
    },
  };

  /** Null where a competitor was faster. */
  async function insert(fresh: RenderJob): Promise<RenderJob | null> {
    return (await unlessTaken(jobs.insertOne(fresh))) ? fresh : null;
  }

  /** Events of an earlier attempt that are not yet published stay in the outbox. Null where a competitor was faster. */
  async function reclaim(
    known: RenderJob,
    claimant: Claimant,
    first: RenderJob['first'],
    now: Date,
  ): Promise<RenderJob | null> {
    const { _id, epoch } = known;
    const isNew = known.attempt < claimant.attempt;
    const set: MatchKeysAndValues<RenderJob> = {
      epoch: epoch + 1,
      first,
      updated_at: now,
      job: claimant.job ?? (isNew ? null : known.job),
      ...(isNew ? newAttempt(claimant.attempt, now) : {}),
    };
    const state = isNew ? known.state : ('open' as const);
    return stored(jobs.findOneAndUpdate({ _id, epoch, state }, { $set: set }, { returnDocument: 'after' }));
  }
}

function newAttempt(attempt: number, now: Date): MatchKeysAndValues<RenderJob> {
  return {
    attempt,
    state: 'open',
    file: null,
    receipt: null,
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
    state: 'open',
    first,
    job: claimant.job,
    file: null,
    receipt: null,
    completed_at: null,
    file_removed_at: null,
    outbox: [],
    outbox_pending: false,
    created_at: now,
    updated_at: now,
  };
}
