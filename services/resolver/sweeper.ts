import type { JobId } from '@waybill/domain';
import type { Counter, Logger } from '@waybill/observability';
import { mapStoreError } from '@waybill/mongo';
import type { ResolverCollections } from './resolution-store.ts';

export interface SweeperOptions {
  readonly collections: ResolverCollections;
  readonly recordTtlMs: number;
  readonly selectionTtlMs: number;
  /** Counts and logs what would be removed, and removes nothing. */
  readonly dryRun: boolean;
  readonly logger: Logger;
  readonly swept: Counter<'what'>;
  readonly now: () => Date;
}

/** Counts of one sweep. */
export interface Swept {
  readonly chunks: number;
  readonly resolutions: number;
}

/** Resolutions of one sweep. The rest waits for the next one. */
const sweepLimit = 1_000;

/**
 * Removes the frozen lists of resolved jobs, and resolutions that no message can need any more. Safe to repeat and to run
 * in several processes.
 * @throws ExportError SERVICE_UNAVAILABLE
 */
export async function sweepResolutions(options: SweeperOptions): Promise<Swept> {
  try {
    const swept = { chunks: await sweepChunks(options), resolutions: await sweepRecords(options) };
    options.swept.inc({ what: 'chunk' }, swept.chunks);
    options.swept.inc({ what: 'resolution' }, swept.resolutions);
    if (swept.chunks + swept.resolutions > 0) {
      options.logger.info({ ...swept, dry_run: options.dryRun }, 'resolutions swept');
    }
    return swept;
  } catch (error) {
    throw mapStoreError(error);
  }
}

async function sweepChunks({ collections, selectionTtlMs, dryRun, now }: SweeperOptions): Promise<number> {
  const before = new Date(now().getTime() - selectionTtlMs);
  const resolved = await collections.resolutions
    .find({ state: 'closed', updated_at: { $lt: before }, 'chunks.0': { $exists: true } })
    .project<{ _id: JobId; epoch: number; chunks: { id: string }[] }>({ epoch: 1, chunks: 1 })
    .limit(sweepLimit)
    .toArray();
  let removed = 0;
  for (const { _id, epoch, chunks } of resolved) {
    removed += chunks.length;
    if (dryRun) continue;
    await collections.chunks.deleteMany({ _id: { $in: chunks.map(({ id }) => id) } });
    // A new attempt may have started meanwhile. It has its own chunks.
    await collections.resolutions.updateOne({ _id, epoch, state: 'closed' }, { $set: { chunks: [] } });
  }
  return removed;
}

/** Removes old records, and all chunks as old, including those of lost claims. */
async function sweepRecords({ collections, recordTtlMs, dryRun, now }: SweeperOptions): Promise<number> {
  const before = new Date(now().getTime() - recordTtlMs);
  const old = await collections.resolutions
    .find({ created_at: { $lt: before } })
    .project<{ _id: JobId; epoch: number }>({ epoch: 1 })
    .limit(sweepLimit)
    .toArray();
  if (dryRun) return old.length;
  for (const { _id, epoch } of old) await collections.resolutions.deleteOne({ _id, epoch });
  await collections.chunks.deleteMany({ created_at: { $lt: before } });
  return old.length;
}
