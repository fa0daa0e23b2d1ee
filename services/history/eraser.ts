import {
  countFiles,
  filesPrefixOf,
  removeFiles,
  type Eraser,
  type ErasureScope,
  type FileDeps,
  type Tombstones,
} from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import { erasedUser } from './entries/entry.ts';
import type { Collections } from './indexes.ts';

export interface EraserParts extends FileDeps {
  readonly collections: Pick<Collections, 'entries' | 'downloads' | 'registrations'>;
  readonly erasures: Tombstones;
}

export interface ErasureCounts {
  /** Entries of the history that say who asked. */
  readonly entries: number;
  /** Clicks of the audit that say who clicked. */
  readonly downloads: number;
  /** Objects and unfinished uploads in storage. */
  readonly files: number;
}

/** A person: their files go, their entries and clicks stay without them. A company: everything goes. */
export function createEraser(parts: EraserParts): Eraser<ErasureCounts> {
  return {
    erase: async (scope, now) => {
      // First: what is handled from now on is taken up without the person.
      await parts.erasures.add(scope, now);
      const prefixes = await prefixesOf(parts, scope);
      const files = await removeFiles(parts, prefixes);
      const removed = { files, ...(await removeDocuments(parts, scope)) };
      return { removed, remaining: await remainingOf(parts, scope, prefixes) };
    },
  };
}

function ownedBy({ companyId, userId }: ErasureScope) {
  return { company_id: companyId, ...(userId === undefined ? {} : { user_id: userId }) };
}

async function prefixesOf(parts: EraserParts, scope: ErasureScope): Promise<readonly string[]> {
  if (scope.userId === undefined) return [filesPrefixOf(scope.companyId)];
  const entries = parts.collections.entries.find(ownedBy(scope), { projection: { _id: 1 } });
  return (await stored(entries.toArray())).map(({ _id }) => filesPrefixOf(scope.companyId, _id));
}

async function removeDocuments({ collections }: EraserParts, scope: ErasureScope) {
  const { entries, downloads, registrations } = collections;
  const owned = ownedBy(scope);
  if (scope.userId === undefined) {
    // The claims stay, without a word about whose they are: a replay must not register anything again.
    await stored(registrations.updateMany(owned, { $set: { company_id: erasedUser } }));
    return {
      entries: (await stored(entries.deleteMany(owned))).deletedCount,
      downloads: (await stored(downloads.deleteMany(owned))).deletedCount,
    };
  }
  const nobody = { user_id: erasedUser, personal: null };
  return {
    entries: (await stored(entries.updateMany(owned, { $set: { ...nobody, file: null } }))).modifiedCount,
    downloads: (await stored(downloads.updateMany(owned, { $set: nobody }))).modifiedCount,
  };
}

async function remainingOf(
  parts: EraserParts,
  scope: ErasureScope,
  prefixes: readonly string[],
): Promise<ErasureCounts> {
  const owned = ownedBy(scope);
  return {
    entries: await stored(parts.collections.entries.countDocuments(owned)),
    downloads: await stored(parts.collections.downloads.countDocuments(owned)),
    files: await countFiles(parts, prefixes),
  };
}
