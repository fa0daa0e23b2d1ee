/**
 * Terms. A *resolution* is the work on one attempt of one job: its selection is *frozen* into chunks of ids, and the
 * frozen list is produced as numbered *batches*, each a *range* of positions in that list. A *claim* is the right to work
 * on a resolution. An *epoch* counts the claims: only the newest claim may write.
 *
 * States: `freezing` (ids are being listed) → `producing` (the plan is stored; batches follow) → `closing` (the end is
 * stored) → `closed` (the end was acknowledged). A failure or a cancel leads to `closing` from any state. Each message is
 * stored before it is produced, so that a crash repeats messages and never changes them. A new attempt starts again at
 * `freezing`, and so does a closed resolution whose batches were lost: they are produced again as a new *stream*.
 */
import type { ExportColumn } from '@waybill/contacts';
import type { JobId } from '@waybill/domain';
import { erasedId } from '@waybill/erasure';
import type { BatchEnd, Repeat } from '@waybill/schemas';

export type ResolutionState = 'freezing' | 'producing' | 'closing' | 'closed';

/** Where freezing resumes. */
export type FreezePosition =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'after';
      readonly cursor: string;
      /** Ids listed so far, with those that were left out; absent where none was. */
      readonly listed?: number;
    }
  | { readonly kind: 'end' };

/** A chunk of the frozen list, stored in a document of its own. */
export interface ChunkReference {
  readonly id: string;
  readonly count: number;
}

/** Range of a batch: batch `number` holds the contacts at the positions `from` (inclusive) to `to` (exclusive). */
export interface BatchRange {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** End of a resolution, and the number of its message. */
export type StoredEnd = BatchEnd & { readonly number: number };

/** A resolution as it is stored. */
export interface Resolution {
  readonly _id: JobId;
  readonly company_id: string;
  /** The requester; absent if only the headers of a dead letter are known. An erasure finds the resolution by it. */
  readonly user_id?: string;
  /** The partition of every request and every batch of the job, whatever the number of partitions is by now. */
  readonly partition: number;
  readonly attempt: number;
  readonly epoch: number;
  /** 0; after the batches were produced again, the count of the repeated request that asked for it. */
  readonly stream: number;
  readonly state: ResolutionState;
  /** When freezing started, in ms since the epoch. */
  readonly snapshot_at: number;
  readonly next: FreezePosition;
  readonly chunks: readonly ChunkReference[];
  /** Ids frozen so far: the sum of the chunks. */
  readonly frozen: number;
  /** From `producing` on. A restart uses the same columns, even if the CRM has changed. */
  readonly columns: readonly ExportColumn[] | null;
  /** The batch that is being produced. All batches before it are acknowledged; this one may be. */
  readonly batch: BatchRange | null;
  /** From `closing` on. */
  readonly end: StoredEnd | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The right to work on a resolution, until another process claims it. */
export type Claim = Pick<Resolution, '_id' | 'attempt' | 'epoch'>;

export type ClaimDecision =
  | { readonly kind: 'create' }
  /** The stored resolution is of an older attempt, or its batches were lost. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'resume' }
  /** The resolution is closed and the job has no end: the end is sent again. */
  | { readonly kind: 'answer' }
  /** The topics were widened since the first request. Only the reader of the job's partition may work on it. */
  | { readonly kind: 'forward'; readonly partition: number }
  | { readonly kind: 'skip'; readonly reason: string };

/** The attempt that a request asks for, its owner, and the partition that the request was read from. */
export interface RequestedJob extends Pick<
  Resolution,
  '_id' | 'company_id' | 'partition' | 'attempt' | 'user_id'
> {
  /** Set if the request was published again. */
  readonly repeat?: Pick<Repeat, 'count' | 'action'>;
}

/** Decides what a request means for the stored resolution of its job. */
export function decideClaim(
  stored: Pick<Resolution, 'partition' | 'attempt' | 'state' | 'stream' | 'user_id'> | undefined,
  { partition, attempt, repeat }: Pick<RequestedJob, 'partition' | 'attempt' | 'repeat'>,
): ClaimDecision {
  if (stored === undefined) return { kind: 'create' };
  if (stored.partition !== partition) return { kind: 'forward', partition: stored.partition };
  if (stored.attempt > attempt) return { kind: 'skip', reason: 'a newer attempt of the job was requested' };
  if (stored.attempt < attempt) return { kind: 'restart' };
  if (stored.state !== 'closed') return { kind: 'resume' };
  if (repeat === undefined) return { kind: 'skip', reason: 'the job is already resolved' };
  // A request that is delivered twice produces the batches once.
  const isNew = repeat.action === 'resolve' && stored.stream < repeat.count;
  return isNew && !isErased(stored) ? { kind: 'restart' } : { kind: 'answer' };
}

/** Returns whether an erasure has removed the selection. Its job must not be resolved again. */
export function isErased({ user_id }: Pick<Resolution, 'user_id'>): boolean {
  return user_id === erasedId;
}

/** Returns a resolution at its start. */
export function freshResolution({ repeat, ...job }: RequestedJob, epoch: number, now: Date): Resolution {
  return {
    ...job,
    epoch,
    stream: repeat?.count ?? 0,
    state: 'freezing',
    snapshot_at: now.getTime(),
    next: { kind: 'start' },
    chunks: [],
    frozen: 0,
    columns: null,
    batch: null,
    end: null,
    created_at: now,
    updated_at: now,
  };
}

/** Returns the number of the end message: one more than the last message that may have been produced. */
export function endNumber(resolution: Pick<Resolution, 'columns' | 'batch'>): number {
  return resolution.columns === null ? 0 : (resolution.batch?.number ?? 0) + 1;
}

/** Thrown if another process has claimed the resolution, or if the partition was revoked. */
export class ClaimLost extends Error {
  constructor(reason: string) {
    super(`The claim on the resolution is lost: ${reason}.`);
    this.name = 'ClaimLost';
  }
}
