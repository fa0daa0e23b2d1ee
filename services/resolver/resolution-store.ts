import { stored, unlessTaken, type Store } from '@waybill/mongo';
import type { ExportColumn } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import type { BatchEnd } from '@waybill/schemas';
import type { Collection, Filter, MatchKeysAndValues, UpdateFilter } from 'mongodb';
import {
  ClaimLost,
  decideClaim,
  endNumber,
  freshResolution,
  type BatchRange,
  type Claim,
  type FreezePosition,
  type Resolution,
  type ResolvedJob,
  type StoredEnd,
} from './resolution.ts';

/** A chunk of a frozen list. Its id names the claim that wrote it, so that a lost claim never changes a chunk in use. */
export interface SelectionChunk {
  readonly _id: string;
  readonly job_id: string;
  readonly ids: readonly string[];
  readonly created_at: Date;
}

export type Claimed =
  | { readonly kind: 'claimed'; readonly resolution: Resolution }
  | { readonly kind: 'skip'; readonly reason: string };

/**
 * Resolutions and their frozen lists. Every write after the claim is a compare-and-set on the claim's epoch.
 * @throws ClaimLost where the epoch has moved on; ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export interface ResolutionStore {
  /** Claims the resolution of an attempt under a new epoch, and creates it where there is none. */
  claim(job: ResolvedJob, now: Date): Promise<Claimed>;
  /** Adds ids to the frozen list and remembers where to go on. */
  appendChunk(resolution: Resolution, ids: readonly string[], next: FreezePosition): Promise<Resolution>;
  /** Ends the freezing: the plan is about to be produced. */
  storePlan(claim: Claim, columns: readonly ExportColumn[]): Promise<Resolution>;
  /** Before a batch is produced; all batches before it are acknowledged by then. */
  storeBatch(claim: Claim, batch: BatchRange): Promise<void>;
  /** Before the end is produced. The end that is stored first stays, and is what this returns. */
  storeEnd(claim: Claim, end: BatchEnd): Promise<StoredEnd>;
  /** The end was acknowledged. */
  close(claim: Claim): Promise<void>;
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

export function createResolutionStore(
  { resolutions, chunks }: ResolverCollections,
  now: () => Date,
): ResolutionStore {
  async function update(
    claim: Claim,
    condition: Filter<Resolution>,
    set: MatchKeysAndValues<Resolution>,
    also: UpdateFilter<Resolution> = {},
  ): Promise<Resolution> {
    const { _id, attempt, epoch } = claim;
    const updated = await stored(
      resolutions.findOneAndUpdate(
        { $and: [{ _id, attempt, epoch }, condition] },
        { ...also, $set: { ...set, updated_at: now() } },
        { returnDocument: 'after' },
      ),
    );
    if (updated === null) throw new ClaimLost('another resolver has claimed the job since');
    return updated;
  }

  return {
    async claim(job, at) {
      // A competitor may write between the read and the write; then what it wrote is what is decided on.
      for (;;) {
        const known = await stored(resolutions.findOne({ _id: job._id }));
        const decision = decideClaim(known, job.attempt);
        if (decision.kind === 'skip') return decision;
        const resolution = await tryClaim(known, job, at);
        if (resolution !== null) return { kind: 'claimed', resolution };
      }
    },
    async appendChunk(resolution, ids, next) {
      const { _id, attempt, epoch, frozen } = resolution;
      const id = [_id, attempt, epoch, frozen].join(':');
      if (ids.length === 0) return update(resolution, { state: 'freezing', frozen }, { next });
      await stored(
        // The same claim may try again after an answer was lost.
        chunks.replaceOne({ _id: id }, { job_id: _id, ids, created_at: now() }, { upsert: true }),
      );
      return update(
        resolution,
        { state: 'freezing', frozen },
        { next, frozen: frozen + ids.length },
        { $push: { chunks: { id, count: ids.length } } },
      );
    },
    storePlan: (claim, columns) => update(claim, { state: 'freezing' }, { state: 'producing', columns }),
    async storeBatch(claim, batch) {
      await update(claim, { state: 'producing' }, { batch });
    },
    async storeEnd(claim, end) {
      const { _id, attempt, epoch } = claim;
      const known = await stored(resolutions.findOne({ _id, attempt, epoch }));
      if (known?.end) return known.end;
      const numbered = { ...end, number: known === null ? 0 : endNumber(known) };
      await update(claim, { state: { $in: ['freezing', 'producing'] } }, { state: 'closing', end: numbered });
      return numbered;
    },
    async close(claim) {
      await update(claim, { state: 'closing' }, { state: 'closed' });
    },
    async chunk(id) {
      const found = await stored(chunks.findOne({ _id: id }));
      if (found === null) throw new ExportError('EXPORT_FAILED', { cause: new Error('a chunk is missing') });
      return found.ids;
    },
  };

  /** Null where a competitor was faster. */
  async function tryClaim(known: Resolution | null, job: ResolvedJob, at: Date): Promise<Resolution | null> {
    if (known === null) return insert(freshResolution(job, 1, at));
    const { _id, epoch } = known;
    if (known.attempt < job.attempt) {
      const { _id: id, ...fresh } = freshResolution(job, epoch + 1, at);
      const options = { returnDocument: 'after' } as const;
      return stored(resolutions.findOneAndReplace({ _id: id, epoch }, fresh, options));
    }
    return stored(
      resolutions.findOneAndUpdate(
        { _id, epoch },
        { $set: { epoch: epoch + 1, updated_at: at } },
        { returnDocument: 'after' },
      ),
    );
  }

  async function insert(fresh: Resolution): Promise<Resolution | null> {
    return (await unlessTaken(resolutions.insertOne(fresh))) ? fresh : null;
  }
}
