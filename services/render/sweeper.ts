import type { Counter, Logger } from '@waybill/observability';
import type { Storage } from '@waybill/object-storage';
import { jobId } from '@waybill/domain';
import { stored } from '@waybill/mongo';
import type { Collection, Filter } from 'mongodb';
import { filesPrefix, parseStorageKey } from './file/file-name.ts';
import type { RenderJob } from './job/job.ts';

const minuteMs = 60_000;

/** An expired file stays this long, so that signed URLs issued in its last minute expire before it is removed. */
const removalGraceMs = 10 * minuteMs;

/** An object or upload without a pointer stays this long: its job may still be running. */
export const orphanAgeMs = 24 * 60 * minuteMs;

/** Documents of one sweep. The rest waits for the next one. */
const sweepLimit = 1_000;

export interface SweeperOptions {
  readonly jobs: Collection<RenderJob>;
  readonly storage: Storage;
  readonly buckets: readonly string[];
  readonly recordTtlMs: number;
  /** Counts and logs what would be removed, and removes nothing. */
  readonly dryRun: boolean;
  readonly logger: Logger;
  readonly swept: Counter<'what'>;
  readonly now: () => Date;
}

/** Counts of one sweep. */
export interface Swept {
  /** Expired files. */
  readonly files: number;
  /** Objects without a file pointer. */
  readonly orphans: number;
  /** Uploads that will not be completed. */
  readonly uploads: number;
  /** Jobs whose file is missing before it expired. Each is logged for the operator. */
  readonly missing: number;
  /** Job records that no message can need any more. */
  readonly records: number;
}

/**
 * Removes expired files, orphans and old records. Safe to repeat and to run in several processes.
 * @throws ExportError SERVICE_UNAVAILABLE, STORAGE_UNAVAILABLE
 */
export async function sweepFiles(options: SweeperOptions): Promise<Swept> {
  const swept: Swept = {
    files: await sweepExpired(options),
    orphans: await sweepOrphans(options),
    uploads: await sweepUploads(options),
    missing: await countMissing(options),
    records: await sweepRecords(options),
  };
  for (const [what, count] of Object.entries(swept)) options.swept.inc({ what }, Number(count));
  const something = Object.values(swept).some((count) => count > 0);
  if (something) options.logger.info({ ...swept, dry_run: options.dryRun }, 'files swept');
  return swept;
}

async function sweepExpired({ jobs, storage, dryRun, now }: SweeperOptions): Promise<number> {
  const due = { state: 'succeeded', file_removed_at: null } as const;
  const expired = await stored(
    jobs
      .find({ ...due, 'file.expires_at': { $lt: removalDueBefore(now().getTime()) } })
      .limit(sweepLimit)
      .toArray(),
  );
  if (dryRun) return expired.length;
  for (const { _id, epoch, file } of expired) {
    if (file !== null) await storage.remove(file);
    const removed = { $set: { file_removed_at: now() } };
    await stored(jobs.updateOne({ _id, epoch, ...due }, removed));
  }
  return expired.length;
}

async function sweepOrphans(options: SweeperOptions): Promise<number> {
  let orphans = 0;
  for (const bucket of options.buckets) {
    for await (const { key, lastModified } of options.storage.list(bucket, filesPrefix)) {
      if (!(await isUnowned({ key, at: lastModified.getTime() }, options))) continue;
      orphans += 1;
      if (!options.dryRun) await options.storage.remove({ bucket, key });
    }
  }
  return orphans;
}

async function sweepUploads(options: SweeperOptions): Promise<number> {
  let uploads = 0;
  for (const bucket of options.buckets) {
    for await (const upload of options.storage.listUploads(bucket)) {
      const found = { key: upload.key, at: upload.initiated.getTime() };
      if (!(await isUnowned(found, options))) continue;
      uploads += 1;
      if (!options.dryRun) await options.storage.abortUpload(bucket, upload);
    }
  }
  return uploads;
}

/** Objects under other keys are not render's, and stay. */
async function isUnowned(found: StoredObject, { jobs, now }: SweeperOptions): Promise<boolean> {
  const named = parseStorageKey(found.key);
  // Most are young and need no query.
  const at = now().getTime();
  if (named === undefined || !isOrphan(found, undefined, at)) return false;
  const job = await stored(jobs.findOne({ _id: jobId(named.jobId) }));
  return isOrphan(found, job ?? undefined, at);
}

async function countMissing({ jobs, storage, logger, now }: SweeperOptions): Promise<number> {
  const current = await stored(
    jobs
      .find({ state: 'succeeded', file_removed_at: null, 'file.expires_at': { $gt: now().getTime() } })
      .limit(sweepLimit)
      .toArray(),
  );
  let missing = 0;
  for (const { _id, company_id, file } of current) {
    if (file === null || (await storage.head(file)) !== undefined) continue;
    missing += 1;
    logger.error({ job_id: _id, company_id }, 'file of a job missing');
  }
  return missing;
}

async function sweepRecords({ jobs, recordTtlMs, dryRun, now }: SweeperOptions): Promise<number> {
  // A record stays until its events are published and its file is removed.
  const past: Filter<RenderJob> = {
    created_at: { $lt: new Date(now().getTime() - recordTtlMs) },
    outbox_pending: false,
    $or: [{ state: { $ne: 'succeeded' } }, { file_removed_at: { $ne: null } }],
  };
  if (dryRun) return stored(jobs.countDocuments(past));
  const { deletedCount } = await stored(jobs.deleteMany(past));
  return deletedCount;
}

/** Returns the instant before which an expiry is due for removal. Both in ms since the epoch. */
export function removalDueBefore(now: number): number {
  return now - removalGraceMs;
}

/** An object in storage, or an upload that was not completed. */
export interface StoredObject {
  readonly key: string;
  /** When it was created, in ms since the epoch. */
  readonly at: number;
}

/**
 * Returns whether an object in storage is an orphan: it is old enough, and its job is unknown or has ended with another
 * file. `job` is the job that the key names.
 */
export function isOrphan(
  found: StoredObject,
  job: Pick<RenderJob, 'state' | 'file'> | undefined,
  now: number,
): boolean {
  if (now - found.at < orphanAgeMs) return false;
  if (job === undefined) return true;
  return job.state !== 'open' && job.file?.key !== found.key;
}
