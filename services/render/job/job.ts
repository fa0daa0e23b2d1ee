/**
 * Terms. A *render job* is the work on one attempt of one export. Its *stream* is a plan, numbered batches of rows and an
 * end, all on one partition, between the messages of other jobs. A *claim* is the right to close the job. An *epoch*
 * counts the claims: each file is written under one epoch, which is part of its storage key. Only the holder of the newest
 * epoch may *close* the job, which sets its outcome and the pointer to its file.
 *
 * States: `open` → `succeeded`, `failed` or `cancelled`. These three are final for the attempt; a new attempt opens the
 * job again. A process that loses a claim abandons its own file and commits nothing.
 *
 * An attempt whose batches were lost gets a new stream, under a higher number. Its plan starts the file again, and messages
 * of the older stream are ignored from then on.
 */
import type { ExportFile, ExportSpec, Failure, Receipt } from '@waybill/schemas';
import type { JobId } from '@waybill/domain';
import type { OutboxEntry } from '@waybill/mongo';

export type FinalState = 'succeeded' | 'failed' | 'cancelled';
export type RenderState = 'open' | FinalState;

/** A position in a topic. */
export interface StreamPosition {
  readonly topic: string;
  readonly partition: number;
  /** Decimal: offsets are 64-bit. */
  readonly offset: string;
}

/** A render job as it is stored. */
export interface RenderJob {
  readonly _id: JobId;
  readonly company_id: string;
  readonly attempt: number;
  readonly epoch: number;
  /** Number of the newest stream that was claimed. */
  readonly stream: number;
  readonly state: RenderState;
  /** Where the attempt's stream starts. A restart reads again from here. */
  readonly first: StreamPosition;
  /** What was asked for; null until the plan, or an end that carries it, was read. */
  readonly spec: ExportSpec | null;
  readonly file: ExportFile | null;
  readonly receipt: Receipt | null;
  /** Why the job failed. */
  readonly failure: Failure | null;
  /** When the job was closed. */
  readonly completed_at: Date | null;
  /** When the sweeper removed the file. */
  readonly file_removed_at: Date | null;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The right to close a job, until another process claims it. */
export type Claim = Pick<RenderJob, '_id' | 'attempt' | 'epoch'>;

export type ClaimDecision =
  | { readonly kind: 'create' }
  /** The stored job is an older attempt. */
  | { readonly kind: 'restart' }
  /** The attempt was opened before. Its file is started again under the next epoch. */
  | { readonly kind: 'reclaim' }
  /** The message is of an older stream of the attempt. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'ignore'; readonly reason: string };

/** Decides what a message means for the stored job. */
export function decideClaim(
  stored: Pick<RenderJob, 'attempt' | 'stream' | 'state'> | undefined,
  { attempt, stream }: Pick<RenderJob, 'attempt' | 'stream'>,
): ClaimDecision {
  if (stored === undefined) return { kind: 'create' };
  if (stored.attempt > attempt) return { kind: 'ignore', reason: 'the attempt is older than the stored one' };
  if (stored.attempt < attempt) return { kind: 'restart' };
  if (stored.state !== 'open') return { kind: 'ignore', reason: 'the job has ended' };
  if (stored.stream > stream) return { kind: 'superseded' };
  return { kind: 'reclaim' };
}

/** Returns whether a claim may close the job: it must be the newest, and the job must be open. */
export function mayClose(
  stored: Pick<RenderJob, '_id' | 'attempt' | 'epoch' | 'state'>,
  claim: Claim,
): boolean {
  const { _id, attempt, epoch, state } = stored;
  return state === 'open' && _id === claim._id && attempt === claim.attempt && epoch === claim.epoch;
}

/** Returns the filter of the compare-and-set that closes a job; it matches exactly when `mayClose` is true. */
export function closeCondition({ _id, attempt, epoch }: Claim): Claim & { readonly state: 'open' } {
  return { _id, attempt, epoch, state: 'open' };
}
