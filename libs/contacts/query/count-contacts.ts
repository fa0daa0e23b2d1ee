import type { Collection, Db } from 'mongodb';
import type { Condition } from './filter.ts';
import { selectIds } from './select-ids.ts';
import type { Sorting } from './sorting.ts';
import { withinTime } from './time-limit.ts';
import type { ContactCount, ContactDocument, CountOptions } from '../types.ts';

/** The collection, and its database, which is pinged if a count is late. */
interface CountedStore {
  readonly db: Db;
  readonly contacts: Collection<ContactDocument>;
}

/** A compiled query. */
interface CountedQuery {
  readonly condition: Condition;
  readonly sorting: Sorting;
}

/**
 * Counts up to a limit, in bounded time.
 * @throws ExportError `SERVICE_UNAVAILABLE` if the server does not answer.
 */
export async function countContacts(
  { db, contacts }: CountedStore,
  query: CountedQuery,
  options: CountOptions,
): Promise<ContactCount> {
  if (options.limit <= 0) return { total: 0, late: false };
  const total = await withinTime(db, options.maxTimeMs, (maxTimeMS) =>
    countIncluded(contacts, query, { ...options, maxTimeMS }),
  );
  return total === undefined ? { total: 0, late: true } : { total, late: false };
}

async function countIncluded(
  contacts: Collection<ContactDocument>,
  { condition, sorting }: CountedQuery,
  { limit, maxTimeMS, excludedIds = [], first }: CountOptions & { readonly maxTimeMS: number },
): Promise<number> {
  const count = (counted: Condition, upTo: number): Promise<number> =>
    contacts.countDocuments(counted, { limit: Math.min(upTo, Number.MAX_SAFE_INTEGER), maxTimeMS });
  const [all, excluded] = await Promise.all([
    count(condition, limit + excludedIds.length),
    excludedIds.length === 0
      ? 0
      : count({ $and: [condition, { _id: { $in: [...excludedIds] } }] }, excludedIds.length),
  ]);
  if (first === undefined || all <= first) return Math.min(all - excluded, limit);
  if (excluded === 0) return first;
  // Which of the excluded contacts are among the first ones is known only from their order.
  const { ids } = await selectIds(contacts, condition, sorting, { limit: first });
  const left = new Set(excludedIds);
  return ids.filter((id) => !left.has(id)).length;
}
