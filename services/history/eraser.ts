import type { Storage } from '@waybill/storage';
import { stored } from '@waybill/store';
import { erasedUser } from './entry.ts';
import type { ErasureScope, ErasureStore } from './erasure-store.ts';
import type { Collections } from './store.ts';

export interface EraserParts {
  readonly collections: Pick<Collections, 'entries' | 'downloads' | 'registrations'>;
  readonly erasures: ErasureStore;
  readonly storage: Pick<Storage, 'list' | 'remove'>;
  /** The bucket of every region: a file may lie in any of them. */
  readonly buckets: readonly string[];
}

export interface ErasureCounts {
  /** Entries of the history that say who asked. */
  readonly entries: number;
  /** Clicks of the audit that say who clicked. */
  readonly downloads: number;
  /** Objects in storage. */
  readonly files: number;
}

export interface ErasureReport {
  readonly removed: ErasureCounts;
  /** Looked for after the removal. */
  readonly remaining: ErasureCounts;
}

export interface Eraser {
  /**
   * A person: their files go, their entries and clicks stay without them. A company: everything goes. Then counts what
   * is left, which is nothing. Repeating it does no harm. @throws ExportError SERVICE_UNAVAILABLE, STORAGE_UNAVAILABLE.
   */
  erase(scope: ErasureScope, now: Date): Promise<ErasureReport>;
}

export function createEraser(parts: EraserParts): Eraser {
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

/** Where the files lie: every attempt and every epoch of each job, also those that lost. */
async function prefixesOf(parts: EraserParts, scope: ErasureScope): Promise<readonly string[]> {
  const root = `private/exports/${scope.companyId}/`;
  if (scope.userId === undefined) return [root];
  const entries = parts.collections.entries.find(ownedBy(scope), { projection: { _id: 1 } });
  return (await stored(entries.toArray())).map(({ _id }) => `${root}${_id}/`);
}

async function removeFiles(parts: EraserParts, prefixes: readonly string[]): Promise<number> {
  let removed = 0;
  for await (const { bucket, key } of filesUnder(parts, prefixes)) {
    await parts.storage.remove({ bucket, key });
    removed += 1;
  }
  return removed;
}

async function* filesUnder({ storage, buckets }: EraserParts, prefixes: readonly string[]) {
  for (const bucket of buckets) {
    for (const prefix of prefixes) {
      for await (const { key } of storage.list(bucket, prefix)) yield { bucket, key };
    }
  }
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
  const files = (await Array.fromAsync(filesUnder(parts, prefixes))).length;
  return {
    entries: await stored(parts.collections.entries.countDocuments(owned)),
    downloads: await stored(parts.collections.downloads.countDocuments(owned)),
    files,
  };
}
