import {
  countFiles,
  erasedId,
  filesPrefixOf,
  removeFiles,
  type Eraser,
  type ErasureScope,
  type FileDeps,
  type Tombstones,
} from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import type { Collections } from './indexes.ts';

export interface EraserDeps extends FileDeps {
  readonly collections: Pick<Collections, 'entries' | 'downloads' | 'registrations'>;
  readonly erasures: Tombstones;
}

export interface ErasureCounts {
  /** Entries that name the requester. */
  readonly entries: number;
  /** Downloads of the audit that name the visitor. */
  readonly downloads: number;
  /** Objects and unfinished uploads in storage. */
  readonly files: number;
}

/**
 * Creates the eraser of the history. For a person it removes the files and anonymises entries and downloads. For a
 * company it removes all of them.
 */
export function createEraser(deps: EraserDeps): Eraser<ErasureCounts> {
  return {
    erase: async (scope, now) => {
      // The tombstone comes first, so that events handled from now on are stored without the person.
      await deps.erasures.add(scope, now);
      const prefixes = await prefixesOf(deps, scope);
      const files = await removeFiles(deps, prefixes);
      const removed = { files, ...(await removeDocuments(deps, scope)) };
      return { removed, remaining: await remainingOf(deps, scope, prefixes) };
    },
  };
}

function ownedBy({ companyId, userId }: ErasureScope) {
  return { company_id: companyId, ...(userId === undefined ? {} : { user_id: userId }) };
}

async function prefixesOf(deps: EraserDeps, scope: ErasureScope): Promise<readonly string[]> {
  if (scope.userId === undefined) return [filesPrefixOf(deps, scope.companyId)];
  const entries = deps.collections.entries.find(ownedBy(scope), { projection: { _id: 1 } });
  return (await stored(entries.toArray())).map(({ _id }) => filesPrefixOf(deps, scope.companyId, _id));
}

async function removeDocuments({ collections }: EraserDeps, scope: ErasureScope) {
  const { entries, downloads, registrations } = collections;
  const owned = ownedBy(scope);
  if (scope.userId === undefined) {
    // Registrations stay without their company, so that a replay does not register an export again.
    await stored(registrations.updateMany(owned, { $set: { company_id: erasedId } }));
    return {
      entries: (await stored(entries.deleteMany(owned))).deletedCount,
      downloads: (await stored(downloads.deleteMany(owned))).deletedCount,
    };
  }
  const nobody = { user_id: erasedId, personal: null };
  return {
    entries: (await stored(entries.updateMany(owned, { $set: { ...nobody, file: null } }))).modifiedCount,
    downloads: (await stored(downloads.updateMany(owned, { $set: nobody }))).modifiedCount,
  };
}

async function remainingOf(
  deps: EraserDeps,
  scope: ErasureScope,
  prefixes: readonly string[],
): Promise<ErasureCounts> {
  const owned = ownedBy(scope);
  return {
    entries: await stored(deps.collections.entries.countDocuments(owned)),
    downloads: await stored(deps.collections.downloads.countDocuments(owned)),
    files: await countFiles(deps, prefixes),
  };
}
