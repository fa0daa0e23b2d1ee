import { ExportError } from '@waybill/errors';
import { MongoServerError, type Collection, type Db } from 'mongodb';
import pTimeout from 'p-timeout';
import type { Condition } from './filter.ts';
import { selectIds } from './select-ids.ts';
import type { Sorting } from './sorting.ts';
import type { ContactCount, ContactDocument, CountOptions } from '../types.ts';

/** MongoDB's error code of a query that exceeded its `maxTimeMS`. */
const maxTimeExpired = 50;
/** Extra time for the answer of a server that ends the query itself. */
const graceMs = 50;
/** Time limit of the ping that separates a slow query from an unreachable server. */
const answerMs = 2_000;

const late: ContactCount = { total: 0, late: true };

/** The collection, and its database, which is pinged. */
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
 * Counts up to a limit, in bounded time. MongoDB ends the query at its time limit. If the server ignores the limit or
 * hangs, the result is `late` without its answer.
 */
export async function countContacts(
  store: CountedStore,
  query: CountedQuery,
  options: CountOptions,
): Promise<ContactCount> {
  if (options.limit <= 0) return { total: 0, late: false };
  const inTime = await withinTime(store, countIncluded(store.contacts, query, options), options.maxTimeMs);
  return inTime ?? late;
}

async function countIncluded(
  contacts: Collection<ContactDocument>,
  { condition, sorting }: CountedQuery,
  { limit, maxTimeMs, excludedIds = [], first }: CountOptions,
): Promise<ContactCount> {
  // MongoDB reads 0 as no limit.
  const maxTimeMS = Math.max(Math.ceil(maxTimeMs), 1);
  const count = (counted: Condition, upTo: number): Promise<number> =>
    contacts.countDocuments(counted, { limit: Math.min(upTo, Number.MAX_SAFE_INTEGER), maxTimeMS });
  const [all, excluded] = await Promise.all([
    count(condition, limit + excludedIds.length),
    excludedIds.length === 0
      ? 0
      : count({ $and: [condition, { _id: { $in: [...excludedIds] } }] }, excludedIds.length),
  ]);
  if (first === undefined || all <= first) {
    return { total: Math.min(all - excluded, limit), late: false };
  }
  if (excluded === 0) return { total: first, late: false };
  // Which of the excluded contacts are among the first ones is known only from their order.
  const { ids } = await selectIds(contacts, condition, sorting, { limit: first });
  const left = new Set(excludedIds);
  return { total: ids.filter((id) => !left.has(id)).length, late: false };
}

/** Returns the count; undefined if it takes too long. */
async function withinTime(
  { db }: CountedStore,
  counting: Promise<ContactCount>,
  maxTimeMs: number,
): Promise<ContactCount | undefined> {
  // pTimeout also handles the rejection of a count that it no longer waits for.
  const inTime = await pTimeout(counting.catch(lateOrThrow), {
    milliseconds: maxTimeMs + graceMs,
    message: false,
  });
  if (inTime === undefined) await requireAnswer(db);
  return inTime;
}

function lateOrThrow(error: unknown): ContactCount {
  if (error instanceof MongoServerError && error.code === maxTimeExpired) return late;
  throw error;
}

/**
 * Pings the server, so that an unreachable server is not reported as a large selection.
 * @throws ExportError `SERVICE_UNAVAILABLE` if the server does not answer.
 */
async function requireAnswer(db: Db): Promise<void> {
  try {
    await db.command({ ping: 1 }, { timeoutMS: answerMs });
  } catch (cause) {
    throw new ExportError('SERVICE_UNAVAILABLE', { cause });
  }
}
