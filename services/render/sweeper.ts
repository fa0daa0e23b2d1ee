import type { Counter, Logger } from '@waybill/observability';
import type { Storage } from '@waybill/object-storage';
import { stored } from '@waybill/mongo';
import type { Collection, Filter } from 'mongodb';
import { filesPrefix, parseStorageKey } from './file/file-name.ts';
import type { RenderJob } from './job/job.ts';
import { isOrphan, removalDueBefore, type StoredThing } from './retention.ts';

export interface SweeperOptions {
  readonly jobs: Collection<RenderJob>;
  readonly storage: Storage;
  readonly buckets: readonly string[];
  readonly recordTtlMs: number;
  /** Counts and logs what it would remove, and removes nothing. */
  readonly dryRun: boolean;
  readonly logger: Logger;
  readonly swept: Counter<'what'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What one sweep found. */
export interface Swept {
  /** Files past their time. */
  readonly files: number;
  /** Objects that no job points at. */
  readonly orphans: number;
  /** Uploads that nobody will complete. */
  readonly uploads: number;
  /** Jobs whose file should be there and is not: nothing can be removed, an operator should know. */
  readonly missing: number;
  /** Records that no message can ask for any more. */
  readonly records: number;
}

/** Documents of one sweep: the rest waits for the next. */
const sweepLimit = 1_000;

/** Removes what is past its time. Repeating it, or running it in several processes, does no harm. */
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
      .find({ ...due, 'file.expires_at': { $lt: removalDueBefore(now()) } })
      .limit(sweepLimit)
      .toArray(),
  );
  if (dryRun) return expired.length;
  for (const { _id, epoch, file } of expired) {
    if (file !== null) await storage.remove(file);
    const removed = { $set: { file_removed_at: new Date(now()) } };
    await stored(jobs.updateOne({ _id, epoch, ...due }, removed));
  }
  return expired.length;
}

async function sweepOrphans(options: SweeperOptions): Promise<number> {
  let orphans = 0;
  for (const bucket of options.buckets) {
    for await (const { key, lastModified } of options.storage.list(bucket, filesPrefix)) {
      if (!(await belongsToNobody({ key, at: lastModified.getTime() }, options))) continue;
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
      const thing = { key: upload.key, at: upload.initiated.getTime() };
      if (!(await belongsToNobody(thing, options))) continue;
      uploads += 1;
      if (!options.dryRun) await options.storage.abortUpload(bucket, upload);
    }
  }
  return uploads;
}

/** What is not under a key of ours is somebody else's, and stays. */
async function belongsToNobody(thing: StoredThing, { jobs, now }: SweeperOptions): Promise<boolean> {
  const named = parseStorageKey(thing.key);
  // Most are young, and need no look into the store.
  if (named === undefined || !isOrphan(thing, null, now())) return false;
  return isOrphan(thing, await stored(jobs.findOne({ _id: named.jobId })), now());
}

async function countMissing({ jobs, storage, logger, now }: SweeperOptions): Promise<number> {
  const current = await stored(
    jobs
      .find({ state: 'succeeded', file_removed_at: null, 'file.expires_at': { $gt: now() } })
      .limit(sweepLimit)
      .toArray(),
  );
  let missing = 0;
  for (const { _id, company_id, file } of current) {
    if (file === null || (await storage.head(file)) !== undefined) continue;
    missing += 1;
    logger.error({ job_id: _id, company_id }, 'file of a job is missing');
  }
  return missing;
}

async function sweepRecords({ jobs, recordTtlMs, dryRun, now }: SweeperOptions): Promise<number> {
  // An event that is not published yet, and a file that is not removed yet, keep their record.
  const past: Filter<RenderJob> = {
    created_at: { $lt: new Date(now() - recordTtlMs) },
    outbox_pending: false,
    $or: [{ state: { $ne: 'succeeded' } }, { file_removed_at: { $ne: null } }],
  };
  if (dryRun) return stored(jobs.countDocuments(past));
  const { deletedCount } = await stored(jobs.deleteMany(past));
  return deletedCount;
}
