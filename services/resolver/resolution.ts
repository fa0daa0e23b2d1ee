/**
 * Terms. A *resolution* is the work on one attempt of one job: its selection is *frozen* into chunks of ids, and the
 * frozen list is produced as numbered *batches*, each a *range* of positions in that list. An *epoch* counts the
 * claims on a resolution: whoever claimed last may go on, anyone before has lost the claim at their next write.
 *
 * States: `freezing` (ids are being listed) → `producing` (the plan is stored; batches follow) → `closing` (how it
 * ends is stored) → `closed` (the end was acknowledged). A failure or a cancel goes to `closing` from any state. What
 * is about to be produced is stored first, so that a crash repeats messages and never changes them. A new attempt
 * begins again at `freezing`.
 */
import type { ExportColumn } from '@waybill/contacts';
import type { BatchEnd } from '@waybill/schemas';

export type ResolutionState = 'freezing' | 'producing' | 'closing' | 'closed';

/** Where freezing goes on. */
export type FreezePosition =
  { readonly kind: 'start' } | { readonly kind: 'after'; readonly cursor: string } | { readonly kind: 'end' };

/** A chunk of the frozen list, stored in a document of its own. */
export interface ChunkReference {
  readonly id: string;
  readonly count: number;
}

/** Batch `number` holds the contacts at the positions `from` (inclusive) to `to` (exclusive). */
export interface BatchRange {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** How a resolution ends, and the number of the message that says so. */
export type StoredEnd = BatchEnd & { readonly number: number };

/** A resolution as it is stored. */
export interface Resolution {
  /** The job's id. */
  readonly _id: string;
  readonly company_id: string;
  /** Who asked; absent where only the headers of a dead letter are known. An erasure finds the resolution by it. */
  readonly user_id?: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly state: ResolutionState;
  /** When freezing began, in ms since the epoch. */
  readonly snapshot_at: number;
  readonly next: FreezePosition;
  readonly chunks: readonly ChunkReference[];
  /** Ids frozen so far: the sum of the chunks. */
  readonly frozen: number;
  /** From `producing` on; a re-run has the same columns, whatever the CRM says by then. */
  readonly columns: readonly ExportColumn[] | null;
  /** The batch that is being produced: all before it are acknowledged, it itself may be. */
  readonly batch: BatchRange | null;
  /** From `closing` on. */
  readonly end: StoredEnd | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The right to go on with a resolution, until somebody claims it anew. */
export type Claim = Pick<Resolution, '_id' | 'attempt' | 'epoch'>;

export type ClaimDecision =
  | { readonly kind: 'create' }
  /** The stored resolution is of an older attempt. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'skip'; readonly reason: string };

/** What a request means for what is stored of its job. */
export function decideClaim(
  stored: Pick<Resolution, 'attempt' | 'state'> | null,
  attempt: number,
): ClaimDecision {
  if (stored === null) return { kind: 'create' };
  if (stored.attempt > attempt) return { kind: 'skip', reason: 'a newer attempt of the job was requested' };
  if (stored.attempt < attempt) return { kind: 'restart' };
  if (stored.state === 'closed') return { kind: 'skip', reason: 'the job is already resolved' };
  return { kind: 'resume' };
}

/** Of which attempt, and whose, a resolution is. */
export type ResolvedJob = Pick<Resolution, '_id' | 'company_id' | 'attempt' | 'user_id'>;

/** A resolution at its beginning. */
export function freshResolution(job: ResolvedJob, epoch: number, now: Date): Resolution {
  return {
    ...job,
    epoch,
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

/** The number of a resolution's end message: one more than the last message that may have been produced. */
export function endNumber(resolution: Pick<Resolution, 'columns' | 'batch'>): number {
  return resolution.columns === null ? 0 : (resolution.batch?.number ?? 0) + 1;
}

/** Thrown where a write finds that another claim, or a stop of the service, has taken the resolution away. */
export class ClaimLost extends Error {
  constructor(reason: string) {
    super(`The resolution is no longer ours: ${reason}.`);
    this.name = 'ClaimLost';
  }
}
