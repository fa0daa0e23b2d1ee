import type {
  ExportCompleted,
  ExportProgress,
  ExportRequested,
  Failure,
  Receipt,
  Repeat,
} from '@waybill/schemas';
import { limits, phases, type JobId, type Phase } from '@waybill/domain';

/*
 * A *job* is one accepted request and keeps its id. An *attempt* is one run of it; a retry starts the next attempt.
 * The states of an attempt:
 *
 *   queued ──progress──> processing ──completed──> completed | failed | cancelled
 *      └───────────────────completed──────────────────^
 *
 * The last three states are *terminal* and final for their attempt. A retry of a failed job starts attempt n+1 as queued.
 * Cancelling is a request (`cancel_requested`), not a state. The job becomes `cancelled` only if export.completed says
 * so; otherwise the file was finished first.
 * `expired` is not a stored state: a completed job is shown as expired after its file was removed.
 * The *version* counts every visible change, so that a client can resume a status stream where it broke off.
 */

/** How long an Idempotency-Key returns its job. */
export const idempotencyTtlMs = 86_400_000;

export type StoredStatus = 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';

/** The file as clients see it, without its place in the object storage. */
export interface JobFile {
  readonly name: string;
  readonly bytes: number;
  readonly expires_at: number;
}

/** How often the request of an attempt was published again because the job did not end; see reconciliation.ts. */
export interface Repeats extends Pick<Repeat, 'count' | 'action'> {
  /** Until then the request is not published again. */
  readonly due_at: number;
}

/** The fields of a job that its events change. All times are milliseconds since 1970. */
export interface JobState {
  readonly attempt: number;
  readonly status: StoredStatus;
  /** When this attempt was accepted. */
  readonly queued_at: number;
  readonly repeats: Repeats | null;
  readonly phase: Phase | null;
  readonly version: number;
  /** Contacts in the selection: as counted for the request, then as frozen; null until one is known. */
  readonly total: number | null;
  readonly written: number;
  readonly skipped: number;
  readonly bytes: number;
  /** Time of the first progress report of this attempt. */
  readonly started_at: number | null;
  /** Time of the newest progress report. */
  readonly progress_at: number | null;
  readonly ended_at: number | null;
  readonly cancel_requested: boolean;
  readonly failure: Failure | null;
  readonly receipt: Receipt | null;
  readonly file: JobFile | null;
  /** Bytes that count against the company's quota: an estimate until the file's size is known. */
  readonly held_bytes: number;
  /** The time until which they count; null while the job runs. */
  readonly held_until: number | null;
}

/** The fields of a job that the rules of this file read. */
export interface Job extends JobState {
  readonly _id: JobId;
  readonly accepted_at: number;
  readonly request: Omit<ExportRequested, 'job_id' | 'company_id' | 'attempt' | 'repeat'>;
}

/** The fields that an event changes; undefined when it changes nothing. */
export type JobChange = Partial<JobState> | undefined;

export function isTerminal(status: StoredStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** The values of a new attempt. */
export interface NewAttempt {
  readonly attempt: number;
  /** Number of selected contacts; null if it is not known. */
  readonly counted: number | null;
  readonly heldBytes: number;
  readonly at: number;
}

/** Returns the state of a new attempt. */
export function queuedState({ attempt, counted, heldBytes, at }: NewAttempt): JobState {
  return {
    attempt,
    status: 'queued',
    queued_at: at,
    repeats: null,
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
 * Applies a progress report. Reports may be late, repeated or out of order, because resolver and render both send them:
 * only a later phase, or a newer report of the same phase, changes the job.
 */
export function applyProgress(job: Job, event: ExportProgress): JobChange {
  if (event.attempt !== job.attempt || isTerminal(job.status)) return undefined;
  const rank = phases.indexOf(event.phase);
  const known = job.phase === null ? -1 : phases.indexOf(job.phase);
  if (rank < known || (rank === known && event.at <= (job.progress_at ?? 0))) return undefined;
  return {
    status: 'processing',
    phase: event.phase,
    // While the selection is being listed `event.total` is the number of contacts so far.
    total: event.phase === 'resolving' ? job.total : event.total,
    written: Math.max(job.written, event.written),
    skipped: Math.max(job.skipped, event.skipped),
    bytes: Math.max(job.bytes, event.bytes),
    started_at: job.started_at ?? event.at,
    progress_at: Math.max(job.progress_at ?? 0, event.at),
    version: job.version + 1,
  };
}

/** Applies the end of an attempt. The first end of an attempt is final, and an end of an older attempt is ignored. */
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

/** Returns the state of the next attempt. Its version is higher than the job's, so that open streams send the change. */
export function nextAttempt(job: Job, { heldBytes, at }: Pick<NewAttempt, 'heldBytes' | 'at'>): JobState {
  const queued = queuedState({ attempt: job.attempt + 1, counted: job.total, heldBytes, at });
  return { ...queued, version: job.version + 1 };
}

/** Returns the instant after which the job is removed, or undefined while it has not ended. */
export function keptUntil(job: Pick<JobState, 'ended_at'>): number | undefined {
  return job.ended_at === null ? undefined : job.ended_at + limits.statusTtlMs;
}
