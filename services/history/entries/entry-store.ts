import type { Outcome } from '@waybill/schemas';
import { newestPage, removeUpTo, stored, unlessTaken, type Page, type PageRequest } from '@waybill/mongo';
import type { Collection, Filter } from 'mongodb';
import type { EntryDocument } from './entry.ts';

/** The filters of a list. An entry must match all of them. */
export interface EntryQuery {
  /** The company or the organisation to list. */
  readonly owner: { readonly company_id: string } | { readonly organization_id: string };
  readonly userId?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly format?: string | undefined;
  /** Requested at this instant or later. */
  readonly from?: Date | undefined;
  /** Requested before this instant. */
  readonly before?: Date | undefined;
  /** For the outcome SUCCEEDED: whether the file is still available at this instant. */
  readonly file?: { readonly at: Date; readonly present: boolean } | undefined;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface EntryStore {
  /** Stores the entry unless one of the same or a newer attempt exists; returns whether it was stored. */
  readonly put: (entry: EntryDocument) => Promise<boolean>;
  /** Does the same but overwrites an entry of the same attempt, for a rebuild. */
  readonly restore: (entry: EntryDocument) => Promise<boolean>;
  find(jobId: string): Promise<EntryDocument | undefined>;
  /** Returns a page of entries, newest request first. */
  page(query: EntryQuery, options: PageRequest): Promise<Page<EntryDocument>>;
  /** Removes expired entries and returns how many there were. */
  removePast(now: Date): Promise<number>;
}

export function createEntryStore(entries: Collection<EntryDocument>): EntryStore {
  const upsert = (
    { _id, ...fields }: EntryDocument,
    attempt: { readonly $lt: number } | { readonly $lte: number },
  ): Promise<boolean> => unlessTaken(entries.updateOne({ _id, attempt }, { $set: fields }, { upsert: true }));
  return {
    // An entry of a newer attempt does not match the filter; the upsert then fails on its duplicate id.
    put: (entry) => upsert(entry, { $lt: entry.attempt }),
    restore: (entry) => upsert(entry, { $lte: entry.attempt }),
    find: async (jobId) => (await stored(entries.findOne({ _id: jobId }))) ?? undefined,
    page: (query, page) => newestPage(entries, filterOf(query), { ...page, by: 'requested_at' }),
    removePast: (now) => removeUpTo(entries, { keep_until: { $lt: now } }),
  };
}

function filterOf(query: EntryQuery): Filter<EntryDocument> {
  const { owner, userId, outcome, format, from, before, file } = query;
  const conditions: Filter<EntryDocument>[] = [{ ...owner }];
  if (userId !== undefined) conditions.push({ user_id: userId });
  if (outcome !== undefined) conditions.push({ outcome });
  if (format !== undefined) conditions.push({ 'spec.format': format });
  if (from !== undefined) conditions.push({ requested_at: { $gte: from } });
  if (before !== undefined) conditions.push({ requested_at: { $lt: before } });
  if (file !== undefined) {
    conditions.push({ 'file.expires_at': file.present ? { $gt: file.at } : { $lte: file.at } });
  }
  return { $and: conditions };
}
