/**
 * Terms. A *render job* is the work on one attempt of one export. Its *stream* is the plan, numbered batches of rows,
 * and an end, all on one partition between the messages of other jobs. An *epoch* counts the claims on the job: each
 * file is made under one epoch, which is part of its storage key, and only the holder of the newest epoch may *close*
 * the job, that is set its outcome and the pointer to its file.
 *
 * States: `open` → `succeeded`, `failed` or `cancelled`; these three are final for the attempt. A new attempt opens the
 * job again. Whoever loses a claim throws its own file away and commits nothing.
 */
import type { ExportFile, ExportSpec, Receipt } from '@waybill/schemas';
import type { OutboxEntry } from '@waybill/mongo';

export type FinalState = 'succeeded' | 'failed' | 'cancelled';
export type RenderState = 'open' | FinalState;

/** A place in a topic. */
export interface StreamPosition {
  readonly topic: string;
  readonly partition: number;
  /** Decimal: offsets are 64-bit. */
  readonly offset: string;
}

/** A render job as it is stored. */
export interface RenderJob {
  /** The job's id. */
  readonly _id: string;
  readonly company_id: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly state: RenderState;
  /** Where the attempt's stream begins: a restart reads again from here. */
  readonly first: StreamPosition;
  /** What was asked; null until the plan, or an end that carries it, was read. */
  readonly job: ExportSpec | null;
  readonly file: ExportFile | null;
  readonly receipt: Receipt | null;
  /** When the job was closed. */
  readonly completed_at: Date | null;
  /** When the sweeper removed the file. */
  readonly file_removed_at: Date | null;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The right to close a job, until somebody claims it anew. */
export type Claim = Pick<RenderJob, '_id' | 'attempt' | 'epoch'>;

export type ClaimDecision =
  | { readonly kind: 'create' }
  /** The stored job is an older attempt. */
  | { readonly kind: 'restart' }
  /** The attempt was begun before: the file is made anew under the next epoch. */
  | { readonly kind: 'reclaim' }
  | { readonly kind: 'ignore'; readonly reason: string };

/** What a message of an attempt means for what is stored of its job. */
export function decideClaim(
  stored: Pick<RenderJob, 'attempt' | 'state'> | null,
  attempt: number,
): ClaimDecision {
  if (stored === null) return { kind: 'create' };
  if (stored.attempt > attempt) return { kind: 'ignore', reason: 'of an older attempt' };
  if (stored.attempt < attempt) return { kind: 'restart' };
  if (stored.state !== 'open') return { kind: 'ignore', reason: 'the job has ended' };
  return { kind: 'reclaim' };
}

/** Whether a claim may close the job: exactly then when it is the newest and nobody closed the job before. */
export function mayClose(
  stored: Pick<RenderJob, '_id' | 'attempt' | 'epoch' | 'state'>,
  claim: Claim,
): boolean {
  const { _id, attempt, epoch, state } = stored;
  return state === 'open' && _id === claim._id && attempt === claim.attempt && epoch === claim.epoch;
}

/** `mayClose` as a compare-and-set says it. */
export function closeCondition({ _id, attempt, epoch }: Claim): Claim & { readonly state: 'open' } {
  return { _id, attempt, epoch, state: 'open' };
}
