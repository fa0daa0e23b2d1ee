import { stored, unlessTaken, type Store } from '@waybill/mongo';
import type { ExportColumn } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { JobId } from '@waybill/domain';
import type { BatchEnd } from '@waybill/schemas';
import type { Collection, Filter, MatchKeysAndValues, PushOperator } from 'mongodb';
import {
  ClaimLost,
  decideClaim,
  endNumber,
  freshResolution,
  type BatchRange,
  type Claim,
  type FreezePosition,
  type RequestedJob,
  type Resolution,
  type StoredEnd,
} from './resolution.ts';

/** A chunk of a frozen list. Its id contains the claim's epoch, so that a lost claim never changes a chunk in use. */
export interface SelectionChunk {
  readonly _id: string;
  readonly job_id: JobId;
  readonly ids: readonly string[];
  readonly created_at: Date;
}

export type Claimed =
  | { readonly kind: 'claimed'; readonly resolution: Resolution }
  /** The resolution is closed: its end is sent again, without a claim. */
  | { readonly kind: 'answer'; readonly resolution: Resolution }
  | { readonly kind: 'forward'; readonly partition: number }
  | { readonly kind: 'skip'; readonly reason: string };

/**
 * Stores resolutions and their frozen lists. Every write after the claim is a compare-and-set on the claim's epoch.
 * @throws ClaimLost if another process has claimed the resolution
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached
 */
export interface ResolutionStore {
  /** Claims the resolution of an attempt under a new epoch. Creates it if it does not exist. */
  claim(job: RequestedJob, now: Date): Promise<Claimed>;
  /** Adds ids to the frozen list and stores where freezing resumes. */
  appendChunk(resolution: Resolution, ids: readonly string[], next: FreezePosition): Promise<Resolution>;
  /** Ends freezing. Called before the plan is produced. */
  storePlan(claim: Claim, columns: readonly ExportColumn[]): Promise<Resolution>;
  /** Stores the range of a batch. Called before the batch is produced and after all batches before it are acknowledged. */
  storeBatch(claim: Claim, batch: BatchRange): Promise<void>;
  /** Stores the end before it is produced. Returns the end that was stored first. */
  storeEnd(claim: Claim, end: BatchEnd): Promise<StoredEnd>;
  /** Closes the resolution after its end was acknowledged. */
  close(claim: Claim): Promise<void>;
  /** Returns the ids of a chunk. @throws ExportError EXPORT_FAILED if the chunk is missing */
  chunk(id: string): Promise<readonly string[]>;
}

export interface ResolverCollections {
  readonly resolutions: Collection<Resolution>;
  readonly chunks: Collection<SelectionChunk>;
}

export function collectionsOf(store: Store): ResolverCollections {
  return {
    resolutions: store.db.collection<Resolution>('resolutions'),
    chunks: store.db.collection<SelectionChunk>('selection_chunks'),
  };
}

/** Fields to set, and chunks to append. */
interface Change {
  readonly set: MatchKeysAndValues<Resolution>;
  readonly push?: PushOperator<Resolution>;
}

export function createResolutionStore(
  { resolutions, chunks }: ResolverCollections,
  now: () => Date,
): ResolutionStore {
  async function update(
    { _id, attempt, epoch }: Claim,
    condition: Filter<Resolution>,
    { set, push }: Change,
  ): Promise<Resolution> {
    const updated = await stored(
      resolutions.findOneAndUpdate(
        { $and: [{ _id, attempt, epoch }, condition] },
        { $set: { ...set, updated_at: now() }, ...(push === undefined ? {} : { $push: push }) },
        { returnDocument: 'after' },
      ),
    );
    if (updated === null) throw new ClaimLost('another process has claimed the job');
    return updated;
  }

  return {
    async claim(job, at) {
      // Another process may write between the read and the write. Then we decide again on what it wrote.
      for (;;) {
        const known = (await stored(resolutions.findOne({ _id: job._id }))) ?? undefined;
        const decision = decideClaim(known, job);
        if (decision.kind === 'skip' || decision.kind === 'forward') return decision;
        if (decision.kind === 'answer' && known !== undefined) return { kind: 'answer', resolution: known };
        const resolution = await tryClaim(known, job, at);
        if (resolution !== undefined) return { kind: 'claimed', resolution };
      }
    },
    async appendChunk(resolution, ids, next) {
      const { _id, attempt, epoch, frozen } = resolution;
      const id = [_id, attempt, epoch, frozen].join(':');
      if (ids.length === 0) return update(resolution, { state: 'freezing', frozen }, { set: { next } });
      await stored(
        // The same claim may write again after an answer was lost.
        chunks.replaceOne({ _id: id }, { job_id: _id, ids, created_at: now() }, { upsert: true }),
      );
      return update(
        resolution,
        { state: 'freezing', frozen },
        { set: { next, frozen: frozen + ids.length }, push: { chunks: { id, count: ids.length } } },
      );
    },
    storePlan: (claim, columns) =>
      update(claim, { state: 'freezing' }, { set: { state: 'producing', columns } }),
    async storeBatch(claim, batch) {
      await update(claim, { state: 'producing' }, { set: { batch } });
    },
    async storeEnd(claim, end) {
      const { _id, attempt, epoch } = claim;
      const known = await stored(resolutions.findOne({ _id, attempt, epoch }));
      if (known?.end) return known.end;
      const numbered = { ...end, number: known === null ? 0 : endNumber(known) };
      const condition = { state: { $in: ['freezing', 'producing'] } } as const;
      await update(claim, condition, { set: { state: 'closing', end: numbered } });
      return numbered;
    },
    async close(claim) {
      await update(claim, { state: 'closing' }, { set: { state: 'closed' } });
    },
    async chunk(id) {
      const found = await stored(chunks.findOne({ _id: id }));
      if (found === null) throw new ExportError('EXPORT_FAILED', { cause: new Error('a chunk is missing') });
      return found.ids;
    },
  };

  /** Returns undefined if another process was faster. */
  async function tryClaim(
    known: Resolution | undefined,
    job: RequestedJob,
    at: Date,
  ): Promise<Resolution | undefined> {
    if (known === undefined) return insert(freshResolution(job, 1, at));
    const { _id, epoch } = known;
    const options = { returnDocument: 'after' } as const;
    // A closed resolution is claimed only to start again.
    if (known.attempt < job.attempt || known.state === 'closed') {
      const { _id: id, ...fresh } = freshResolution(job, epoch + 1, at);
      return (await stored(resolutions.findOneAndReplace({ _id: id, epoch }, fresh, options))) ?? undefined;
    }
    const change = { $set: { epoch: epoch + 1, updated_at: at } };
    return (await stored(resolutions.findOneAndUpdate({ _id, epoch }, change, options))) ?? undefined;
  }

  async function insert(fresh: Resolution): Promise<Resolution | undefined> {
    return (await unlessTaken(resolutions.insertOne(fresh))) ? fresh : undefined;
  }
}
