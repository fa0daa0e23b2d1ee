import type { JobId } from '@waybill/domain';
import type { Logger } from '@waybill/observability';
import { removeUpTo, stored } from '@waybill/mongo';
import type { Each, SweepRun } from '@waybill/service';
import type { ResolverCollections } from './resolution-store.ts';

export interface ResolutionSweepDeps {
  readonly collections: ResolverCollections;
  readonly recordTtlMs: number;
  readonly selectionTtlMs: number;
  /** Counts and logs what would be removed, and removes nothing. */
  readonly dryRun: boolean;
  readonly logger: Logger;
}

/** Counts of one sweep. */
export interface Swept {
  /** Frozen lists of resolved jobs. */
  readonly selections: number;
  readonly resolutions: number;
  /** Chunks that are as old as the removed resolutions, including those of lost claims. */
  readonly chunks: number;
}

/** Resolutions of one sweep. The rest waits for the next one. */
const sweepLimit = 1_000;

/**
 * Removes the frozen lists of resolved jobs, and resolutions that no message can need any more. Safe to repeat and to run
 * in several processes.
 */
export async function sweepResolutions(deps: ResolutionSweepDeps, run: SweepRun): Promise<Swept> {
  const swept: Swept = {
    selections: await run.step('selections', (each) => removeSelections(deps, run, each)),
    resolutions: await run.step('resolutions', (each) => removeResolutions(deps, run, each)),
    chunks: await run.step('chunks', () => removeChunks(deps, run)),
  };
  if (Object.values(swept).some((count) => count > 0)) {
    deps.logger.info({ ...swept, dry_run: deps.dryRun }, 'resolutions swept');
  }
  return swept;
}

async function removeSelections(
  { collections, selectionTtlMs, dryRun }: ResolutionSweepDeps,
  { now }: SweepRun,
  each: Each,
): Promise<number> {
  const before = new Date(now.getTime() - selectionTtlMs);
  const resolved = await stored(
    collections.resolutions
      .find({ state: 'closed', updated_at: { $lt: before }, 'chunks.0': { $exists: true } })
      .project<{ _id: JobId; epoch: number; chunks: { id: string }[] }>({ epoch: 1, chunks: 1 })
      .limit(sweepLimit)
      .toArray(),
  );
  if (dryRun) return resolved.length;
  return each(resolved, async ({ _id, epoch, chunks }) => {
    await stored(collections.chunks.deleteMany({ _id: { $in: chunks.map(({ id }) => id) } }));
    // A new attempt may have started meanwhile. It has its own chunks.
    const same = { _id, epoch, state: 'closed' as const };
    await stored(collections.resolutions.updateOne(same, { $set: { chunks: [] } }));
    return true;
  });
}

async function removeResolutions(
  { collections, recordTtlMs, dryRun }: ResolutionSweepDeps,
  { now }: SweepRun,
  each: Each,
): Promise<number> {
  const old = await stored(
    collections.resolutions
      .find({ created_at: { $lt: new Date(now.getTime() - recordTtlMs) } })
      .project<{ _id: JobId; epoch: number }>({ epoch: 1 })
      .limit(sweepLimit)
      .toArray(),
  );
  if (dryRun) return old.length;
  return each(old, async ({ _id, epoch }) => {
    const removed = await stored(collections.resolutions.deleteOne({ _id, epoch }));
    return removed.deletedCount === 1;
  });
}

async function removeChunks(
  { collections, recordTtlMs, dryRun }: ResolutionSweepDeps,
  { now }: SweepRun,
): Promise<number> {
  const old = { created_at: { $lt: new Date(now.getTime() - recordTtlMs) } };
  return dryRun ? stored(collections.chunks.countDocuments(old)) : removeUpTo(collections.chunks, old);
}
