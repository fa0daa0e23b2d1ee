import type { Cursor } from '@waybill/http';
import type { Outcome } from '@waybill/schemas';
import { stored, unlessTaken } from '@waybill/mongo';
import type { Collection, Filter } from 'mongodb';
import type { EntryDocument } from './entry.ts';

/** Which entries a list shows. All conditions hold together. */
export interface EntryQuery {
  /** The circle; exactly one of the two. */
  readonly owner: { readonly company_id: string } | { readonly organization_id: string };
  readonly userId?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly format?: string | undefined;
  /** Requested at or after. */
  readonly from?: Date | undefined;
  /** Requested before. */
  readonly before?: Date | undefined;
  /** With an outcome of SUCCEEDED: whether the file is still there at this instant. */
  readonly file?: { readonly at: Date; readonly present: boolean } | undefined;
}

export interface EntryPage {
  readonly entries: readonly EntryDocument[];
  readonly next: Cursor | undefined;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface EntryStore {
  /** Keeps the entry of the newest attempt, whatever order they come in. False where that one is stored already. */
  readonly put: (entry: EntryDocument) => Promise<boolean>;
  /** The same, and an entry of the same attempt is written anew: what a rebuild does. */
  readonly restore: (entry: EntryDocument) => Promise<boolean>;
  find(jobId: string): Promise<EntryDocument | undefined>;
  /** Newest request first. */
  page(query: EntryQuery, options: { readonly limit: number; readonly after?: Cursor }): Promise<EntryPage>;
  removePast(now: Date): Promise<number>;
}

export function createEntryStore(entries: Collection<EntryDocument>): EntryStore {
  const upsert = (
    { _id, ...facts }: EntryDocument,
    attempt: { readonly $lt: number } | { readonly $lte: number },
  ): Promise<boolean> => unlessTaken(entries.updateOne({ _id, attempt }, { $set: facts }, { upsert: true }));
  return {
    // An entry of a newer attempt does not match, so that the upsert meets its id: a duplicate.
    put: (entry) => upsert(entry, { $lt: entry.attempt }),
    restore: (entry) => upsert(entry, { $lte: entry.attempt }),
    find: async (jobId) => (await stored(entries.findOne({ _id: jobId }))) ?? undefined,
    page: async (query, { limit, after }) => {
      const found = await stored(
        entries
          .find(filterOf(query, after))
          .sort({ requested_at: -1, _id: -1 })
          .limit(limit + 1)
          .toArray(),
      );
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next =
        found.length > limit && last !== undefined ? { at: last.requested_at, id: last._id } : undefined;
      return { entries: page, next };
    },
    removePast: async (now) => (await stored(entries.deleteMany({ keep_until: { $lt: now } }))).deletedCount,
  };
}

function filterOf(query: EntryQuery, after: Cursor | undefined): Filter<EntryDocument> {
  const { owner, userId, outcome, format, from, before, file } = query;
  const conditions: Filter<EntryDocument>[] = [{ ...owner }];
  if (userId !== undefined) conditions.push({ user_id: userId });
  if (outcome !== undefined) conditions.push({ outcome });
  if (format !== undefined) conditions.push({ 'job.format': format });
  if (from !== undefined) conditions.push({ requested_at: { $gte: from } });
  if (before !== undefined) conditions.push({ requested_at: { $lt: before } });
  if (file !== undefined) {
    conditions.push({ 'file.expires_at': file.present ? { $gt: file.at } : { $lte: file.at } });
  }
  if (after !== undefined) {
    const { at, id } = after;
    conditions.push({
      $or: [{ requested_at: { $lt: at } }, { requested_at: at, _id: { $lt: id } }],
    });
  }
  return { $and: conditions };
}
