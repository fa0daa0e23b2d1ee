import type { RenderJob } from './job/job.ts';

/** A file is removed so long after it expired: a signed URL that was given in the last minute ends before. */
export const removalGraceMs = 10 * 60_000;

/** What has no pointer is left alone so long: its job may still be at work. */
export const orphanAgeMs = 24 * 3_600_000;

/** Before this instant an expiry is due for removal. In ms since the epoch. */
export function removalDueBefore(now: number): number {
  return now - removalGraceMs;
}

/** Something in storage: an object, or an upload that was not finished. */
export interface StoredThing {
  readonly key: string;
  /** When it was made, in ms since the epoch. */
  readonly at: number;
}

/**
 * Whether something in storage belongs to nobody: no job's pointer names it, it is old enough, and its job has ended or
 * is not known. `job` is the job that the key names, null where there is none.
 */
export function isOrphan(
  thing: StoredThing,
  job: Pick<RenderJob, 'state' | 'file'> | null,
  now: number,
): boolean {
  if (now - thing.at < orphanAgeMs) return false;
  if (job === null) return true;
  return job.state !== 'open' && job.file?.key !== thing.key;
}
