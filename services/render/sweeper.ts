import type { Logger } from '@waybill/observability';
import {
  installationPrefix,
  skippedListKey,
  type Storage,
  type UnfinishedUpload,
} from '@waybill/object-storage';
import { jobId } from '@waybill/domain';
import { removeUpTo, stored } from '@waybill/mongo';
import { UnsafeSweep, type Each, type SweepRun } from '@waybill/service';
import type { Collection, Filter } from 'mongodb';
import { parseStorageKey } from './file/file-name.ts';
import { removeFileAndList } from './file/skipped-list.ts';
import type { RenderJob } from './job/job.ts';

const minuteMs = 60_000;

/** An expired file stays this long, so that signed URLs issued in its last minute expire before it is removed. */
const removalGraceMs = 10 * minuteMs;

/** An object or upload without a pointer stays this long: its job may still be running. */
export const orphanAgeMs = 24 * 60 * minuteMs;

/** Job records of one sweep. The rest waits for the next one. */
const recordLimit = 1_000;

/** Objects, and as many uploads, that one sweep looks at in each bucket. The next sweep continues with the objects. */
const defaultObjectLimit = 10_000;

/** Job records that one query reads. */
const lookupLimit = 500;

export interface FileSweepDeps {
  readonly jobs: Collection<RenderJob>;
  readonly storage: Pick<Storage, 'list' | 'listUploads' | 'remove' | 'abortUpload' | 'head'>;
  readonly buckets: readonly string[];
  /** The id of this installation: the files of others are never touched. */
  readonly installation: string;
  readonly recordTtlMs: number;
  /** The sweep stops if the jobs of more objects than this are unknown. */
  readonly maximumUnknownPercent: number;
  /** Counts and logs what would be removed, and removes nothing. */
  readonly dryRun: boolean;
  readonly objectLimit?: number;
  readonly logger: Logger;
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
 * Creates the sweep of expired files, orphans and old records. Safe to repeat and to run in several processes. It looks at
 * all buckets before it removes anything.
 * @throws UnsafeSweep if too many objects belong to no known job.
 */
export function createFileSweep(deps: FileSweepDeps): (run: SweepRun) => Promise<Swept> {
  /** The key at which the last sweep of a bucket ended. */
  const positions = new Map<string, string>();
  return async (run) => {
    let found: readonly FoundObject[] = [];
    const look = async () => {
      found = await findOrphans(deps, run, positions);
      return 0;
    };
    await run.step('look', look);
    const objects = found.filter(({ upload }) => upload === undefined);
    const uploads = found.filter(({ upload }) => upload !== undefined);
    const remove = (object: FoundObject) => removeObject(deps, run, object);
    const swept: Swept = {
      orphans: await run.step('orphans', (each) => each(objects, remove)),
      uploads: await run.step('uploads', (each) => each(uploads, remove)),
      files: await run.step('files', (each) => removeExpired(deps, run, each)),
      missing: await run.step('missing', (each) => countMissing(deps, run, each)),
      records: await run.step('records', () => removeRecords(deps, run)),
    };
    const something = Object.values(swept).some((count) => count > 0);
    if (something) deps.logger.info({ ...swept, dry_run: deps.dryRun }, 'files swept');
    return swept;
  };
}

/** An object in storage, or an upload that was not completed. */
interface FoundObject extends StoredObject {
  readonly bucket: string;
  readonly jobId: string;
  readonly upload?: UnfinishedUpload;
}

/**
 * Returns the objects and uploads of this installation that are orphans.
 * @throws UnsafeSweep if the store is empty, or knows too few of the jobs.
 */
async function findOrphans(
  deps: FileSweepDeps,
  run: SweepRun,
  positions: Map<string, string>,
): Promise<readonly FoundObject[]> {
  const found: FoundObject[] = [];
  for (const bucket of deps.buckets) {
    found.push(
      ...(await objectsOf(deps, run, { bucket, positions })),
      ...(await uploadsOf(deps, run, bucket)),
    );
  }
  const known = await jobsNamedBy(deps, found);
  const unknown = found.filter((object) => !known.has(object.jobId)).length;
  const records = unknown === 0 ? 1 : await stored(deps.jobs.countDocuments({}, { limit: 1 }));
  const reason = unsafety({ looked: found.length, unknown, records }, deps.maximumUnknownPercent);
  if (reason !== undefined) throw new UnsafeSweep(reason, { looked_at: found.length, unknown });
  const at = run.now.getTime();
  return found.filter((object) => isOrphan(object, known.get(object.jobId), at));
}

interface Window {
  readonly bucket: string;
  readonly positions: Map<string, string>;
}

/** Returns the next objects of a bucket, after those of the sweep before. Objects that render did not create are left out. */
async function objectsOf(
  { storage, installation, objectLimit = defaultObjectLimit }: FileSweepDeps,
  { signal }: SweepRun,
  { bucket, positions }: Window,
): Promise<readonly FoundObject[]> {
  const found: FoundObject[] = [];
  const options = { signal, after: positions.get(bucket) };
  let looked = 0;
  let last: string | undefined;
  for await (const { key, lastModified } of storage.list(bucket, installationPrefix(installation), options)) {
    const named = parseStorageKey(installation, key);
    if (named !== undefined) found.push({ bucket, key, at: lastModified.getTime(), jobId: named.jobId });
    looked += 1;
    last = key;
    if (looked === objectLimit) break;
  }
  if (looked === objectLimit && last !== undefined) positions.set(bucket, last);
  else positions.delete(bucket);
  return found;
}

async function uploadsOf(
  { storage, installation, objectLimit = defaultObjectLimit }: FileSweepDeps,
  { signal }: SweepRun,
  bucket: string,
): Promise<readonly FoundObject[]> {
  const found: FoundObject[] = [];
  for await (const upload of storage.listUploads(bucket, { signal })) {
    const { key, initiated } = upload;
    const named = parseStorageKey(installation, key);
    if (named === undefined) continue;
    found.push({ bucket, key, at: initiated.getTime(), jobId: named.jobId, upload });
    if (found.length === objectLimit) break;
  }
  return found;
}

type KnownJob = Pick<RenderJob, 'state' | 'file'>;

/** Returns the jobs that the keys name, by job id, as far as they are known. */
async function jobsNamedBy(
  { jobs }: FileSweepDeps,
  found: readonly FoundObject[],
): Promise<ReadonlyMap<string, KnownJob>> {
  const ids = [...new Set(found.map((object) => object.jobId))].map((id) => jobId(id));
  const known = new Map<string, KnownJob>();
  for (let from = 0; from < ids.length; from += lookupLimit) {
    const named = { _id: { $in: ids.slice(from, from + lookupLimit) } };
    const page = jobs.find(named, { projection: { state: 1, file: 1 } });
    for (const job of await stored(page.toArray())) known.set(job._id, job);
  }
  return known;
}

async function removeObject(
  { storage, dryRun }: FileSweepDeps,
  { signal }: SweepRun,
  { bucket, key, upload }: FoundObject,
): Promise<boolean> {
  if (dryRun) return true;
  if (upload === undefined) await storage.remove({ bucket, key }, { signal });
  else await storage.abortUpload(bucket, upload, { signal });
  return true;
}

/** Removes expired files. A pointer to a file of another installation, as in a copied database, only ends. */
async function removeExpired(
  { jobs, storage, installation, dryRun, logger }: FileSweepDeps,
  { signal, now }: SweepRun,
  each: Each,
): Promise<number> {
  const due = { state: 'succeeded', file_removed_at: null } as const;
  const before = removalDueBefore(now.getTime());
  const expired = await stored(
    jobs
      .find({ ...due, 'file.expires_at': { $lt: before } })
      .limit(recordLimit)
      .toArray(),
  );
  if (dryRun) return expired.length;
  return each(expired, async ({ _id, epoch, file }) => {
    const ours = file !== null && parseStorageKey(installation, file.key) !== undefined;
    if (ours) await removeFileAndList(storage, file, { signal });
    else logger.warn({ job_id: _id }, 'file of another installation kept');
    await stored(jobs.updateOne({ _id, epoch, ...due }, { $set: { file_removed_at: now } }));
    return ours;
  });
}

async function countMissing(
  { jobs, storage, installation, logger }: FileSweepDeps,
  { signal, now }: SweepRun,
  each: Each,
): Promise<number> {
  const current = await stored(
    jobs
      .find({ state: 'succeeded', file_removed_at: null, 'file.expires_at': { $gt: now.getTime() } })
      .limit(recordLimit)
      .toArray(),
  );
  return each(current, async ({ _id, company_id, file }) => {
    if (file === null || parseStorageKey(installation, file.key) === undefined) return false;
    if ((await storage.head(file, { signal })) !== undefined) return false;
    logger.error({ job_id: _id, company_id }, 'file of a job missing');
    return true;
  });
}

async function removeRecords(
  { jobs, recordTtlMs, dryRun }: FileSweepDeps,
  { now }: SweepRun,
): Promise<number> {
  // A record stays until its events are published and its file is removed.
  const past: Filter<RenderJob> = {
    created_at: { $lt: new Date(now.getTime() - recordTtlMs) },
    outbox_pending: false,
    $or: [{ state: { $ne: 'succeeded' } }, { file_removed_at: { $ne: null } }],
  };
  return dryRun ? stored(jobs.countDocuments(past)) : removeUpTo(jobs, past, recordLimit);
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
 * Returns whether an object in storage is an orphan: it is old enough, and its job is unknown or has ended, and it is
 * neither the job's file nor the list of what that leaves out. `job` is the job that the key names.
 */
export function isOrphan(found: StoredObject, job: KnownJob | undefined, now: number): boolean {
  if (now - found.at < orphanAgeMs) return false;
  if (job === undefined) return true;
  if (job.state === 'open') return false;
  return job.file === null || ![job.file.key, skippedListKey(job.file.key)].includes(found.key);
}

/** What a sweep found in storage and in the store. */
export interface Look {
  /** Objects and uploads of this installation. */
  readonly looked: number;
  /** Those among them whose job is not in the store. */
  readonly unknown: number;
  /** Job records in the store. */
  readonly records: number;
}

/** Returns why it is not safe to remove orphans: the store lacks jobs that exist. Undefined if it is safe. */
export function unsafety({ looked, unknown, records }: Look, maximumPercent: number): string | undefined {
  if (unknown === 0) return undefined;
  if (records === 0) return 'The store has no job, but there are files: check MONGODB_DATABASE.';
  if (unknown * 100 <= looked * maximumPercent) return undefined;
  return `The jobs of ${unknown} of ${looked} files are unknown. Were records lost?`;
}
