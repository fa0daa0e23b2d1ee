import type { ExportCompleted, ExportProgress, ExportRequested, Failure, Receipt } from '@waybill/schemas';
import { limits, phases, type JobId, type Phase } from '@waybill/domain';

/*
 * A *job* is one accepted request. It keeps its id for life; an *attempt* is one run of it, and a retry begins the
 * next. The states of an attempt:
 *
 *   queued ──progress──> processing ──completed──> completed | failed | cancelled
 *      └───────────────────completed──────────────────^
 *
 * The last three are *terminal* and final for their attempt; a retry of a failed job begins attempt n+1 as queued.
 * A cancel is no state but a wish (`cancel_requested`): whether it came in time is known when export.completed says so.
 * `expired` is no state either: it is what a completed job is called once its file is gone.
 * The *version* counts every visible change, so that a stream of live events can be taken up where it broke off.
 */

export type StoredStatus = 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';

/** What a client may see of the file; where it lies is not intake's to say. */
export interface JobFile {
  readonly name: string;
  readonly bytes: number;
  readonly expires_at: number;
}

/** The part of a job that its events change. All times are milliseconds since 1970. */
export interface JobState {
  readonly attempt: number;
  readonly status: StoredStatus;
  readonly phase: Phase | null;
  readonly version: number;
  /** Size of the selection; null until it is known. */
  readonly total: number | null;
  readonly written: number;
  readonly skipped: number;
  readonly bytes: number;
  /** When the first progress of this attempt was made. */
  readonly started_at: number | null;
  /** When the newest progress was made. */
  readonly progress_at: number | null;
  readonly ended_at: number | null;
  readonly cancel_requested: boolean;
  readonly failure: Failure | null;
  readonly receipt: Receipt | null;
  readonly file: JobFile | null;
  /** Bytes that count against the company's quota: an estimate until the file's size is known. */
  readonly held_bytes: number;
  /** Until when they count; null while the job runs. */
  readonly held_until: number | null;
}

/** A job as far as the rules of this file read it. */
export interface Job extends JobState {
  readonly _id: JobId;
  readonly accepted_at: number;
  readonly request: Omit<ExportRequested, 'job_id' | 'company_id' | 'attempt'>;
}

/** What an event changes; undefined when it changes nothing. */
export type JobChange = Partial<JobState> | undefined;

export function isTerminal(status: StoredStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** The state of a new attempt. `counted` is the size of the selection, where it is known. */
export function queuedState(attempt: number, counted: number | null, heldBytes: number): JobState {
  return {
    attempt,
    status: 'queued',
    phase: null,
    version: 1,
    total: counted,
    written: 0,
    skipped: 0,
    bytes: 0,
    started_at: null,
    progress_at: null,
    ended_at: null,
    cancel_requested: false,
    failure: null,
    receipt: null,
    file: null,
    held_bytes: heldBytes,
    held_until: null,
  };
}

/**
 * What a message about progress changes. It may be late, repeated or out of order (resolver and render both report):
 * only a later phase, or a newer report of the same phase, counts.
 */
export function applyProgress(job: Job, event: ExportProgress): JobChange {
  if (event.attempt !== job.attempt || isTerminal(job.status)) return undefined;
  const rank = phases.indexOf(event.phase);
  const known = job.phase === null ? -1 : phases.indexOf(job.phase);
  if (rank < known || (rank === known && event.at <= (job.progress_at ?? 0))) return undefined;
  return {
    status: 'processing',
    phase: event.phase,
    total: event.total,
    written: Math.max(job.written, event.written),
    skipped: Math.max(job.skipped, event.skipped),
    bytes: Math.max(job.bytes, event.bytes),
    started_at: job.started_at ?? event.at,
    progress_at: Math.max(job.progress_at ?? 0, event.at),
    version: job.version + 1,
  };
}

/** What the end of an attempt changes. The first end of an attempt is final; a newer attempt goes before an older one. */
export function applyCompleted(job: Job, event: ExportCompleted): JobChange {
  if (event.attempt < job.attempt) return undefined;
  if (event.attempt === job.attempt && isTerminal(job.status)) return undefined;
  const { file, receipt } = event;
  return {
    attempt: event.attempt,
    status: ends[event.outcome],
    phase: null,
    total: receipt?.matched ?? job.total,
    written: receipt?.written ?? job.written,
    skipped: receipt?.skipped ?? job.skipped,
    bytes: file?.bytes ?? 0,
    ended_at: event.completed_at,
    cancel_requested: event.outcome === 'CANCELLED' || job.cancel_requested,
    failure: event.failure,
    receipt,
    file: file === null ? null : { name: file.name, bytes: file.bytes, expires_at: file.expires_at },
    held_bytes: file?.bytes ?? 0,
    held_until: file?.expires_at ?? event.completed_at,
    version: job.version + 1,
  };
}

const ends = { SUCCEEDED: 'completed', FAILED: 'failed', CANCELLED: 'cancelled' } as const;

/** The next attempt of a failed job; its version goes on, so that an open stream sees the change. */
export function nextAttempt(job: Job, heldBytes: number): JobState {
  return { ...queuedState(job.attempt + 1, job.total, heldBytes), version: job.version + 1 };
}

/** After this instant nothing of the job is kept; undefined while it has not ended. */
export function keptUntil(job: Pick<JobState, 'ended_at'>): number | undefined {
  return job.ended_at === null ? undefined : job.ended_at + limits.statusTtlMs;
}
