import {
  countFiles,
  erasedId,
  filesPrefixOf,
  pseudonymOf,
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
  /** Downloads of the audit that name the visitor or the company: a person's clicks on files of sister companies too. */
  readonly downloads: number;
  /** Product events that name the person or the company and are not published yet. */
  readonly events: number;
  /** Objects and unfinished uploads in storage. */
  readonly files: number;
}

/**
 * Creates the eraser of the history. For a person it removes the files and anonymises the entries. For a company it
 * removes both. The download audit has to be kept for its time in any case: its documents stay, under pseudonyms.
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

async function removeDocuments(deps: EraserDeps, scope: ErasureScope) {
  const { entries } = deps.collections;
  const owned = ownedBy(scope);
  const nobody = { user_id: erasedId, personal: null, file: null };
  return {
    events: await removeEvents(deps, scope),
    downloads:
      scope.userId === undefined
        ? await pseudonymiseCompany(deps, scope)
        : await pseudonymisePerson(deps, scope),
    entries:
      scope.userId === undefined
        ? (await stored(entries.deleteMany(owned))).deletedCount
        : (await stored(entries.updateMany(owned, { $set: nobody }))).modifiedCount,
  };
}

const withoutEvents = { outbox: [], outbox_pending: false };

/**
 * Removes the events of registrations that are not published yet. A company's registrations stay without their company, so
 * that a replay does not register an export again.
 */
async function removeEvents({ collections }: EraserDeps, scope: ErasureScope): Promise<number> {
  const { registrations } = collections;
  const { modifiedCount } = await stored(registrations.updateMany(eventsOf(scope), { $set: withoutEvents }));
  if (scope.userId === undefined) {
    await stored(registrations.updateMany(ownedBy(scope), { $set: { company_id: erasedId } }));
  }
  return modifiedCount;
}

function eventsOf({ companyId, userId }: ErasureScope) {
  const named = userId === undefined ? {} : { 'outbox.event.user_id': userId };
  return { company_id: companyId, outbox_pending: true, ...named };
}

/** Gives the clicks of a person a pseudonym. */
async function pseudonymisePerson({ collections }: EraserDeps, scope: ErasureScope): Promise<number> {
  const pseudonym = { user_id: pseudonymOf(scope), personal: null, ...withoutEvents };
  return (await stored(collections.downloads.updateMany(downloadsOf(scope), { $set: pseudonym })))
    .modifiedCount;
}

/** Gives the clicks on a company's files, and those of its people elsewhere, pseudonyms. */
async function pseudonymiseCompany(deps: EraserDeps, { companyId }: ErasureScope): Promise<number> {
  const { downloads } = deps.collections;
  const count = await stored(downloads.countDocuments(downloadsOf({ companyId })));
  const byPeople = { visitor_company_id: companyId };
  // The people first: they are found by the company.
  for (const userId of await stored(downloads.distinct('user_id', byPeople))) {
    await pseudonymisePerson(deps, { companyId, userId });
  }
  const company = pseudonymOf({ companyId });
  const sealed = { company_id: company, personal: null, ...withoutEvents };
  await stored(downloads.updateMany(byPeople, { $set: { visitor_company_id: company } }));
  await stored(downloads.updateMany({ company_id: companyId }, { $set: sealed }));
  return count;
}

function downloadsOf({ companyId, userId }: ErasureScope) {
  return userId === undefined
    ? { $or: [{ company_id: companyId }, { visitor_company_id: companyId }] }
    : { visitor_company_id: companyId, user_id: userId };
}

async function remainingOf(
  deps: EraserDeps,
  scope: ErasureScope,
  prefixes: readonly string[],
): Promise<ErasureCounts> {
  const { entries, downloads, registrations } = deps.collections;
  return {
    entries: await stored(entries.countDocuments(ownedBy(scope))),
    downloads: await stored(downloads.countDocuments(downloadsOf(scope))),
    events: await stored(registrations.countDocuments(eventsOf(scope))),
    files: await countFiles(deps, prefixes),
  };
}
