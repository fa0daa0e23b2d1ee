import { ExportError } from '@waybill/errors';
import { MongoServerError, type Collection, type Db } from 'mongodb';
import pTimeout from 'p-timeout';
import type { Condition } from './filter.ts';
import type { ContactCount, ContactDocument, CountOptions } from '../types.ts';

/** MongoDB's error code of a query that exceeded its `maxTimeMS`. */
const maxTimeExpired = 50;
/** Extra time for the answer of a server that ends the query itself. */
const graceMs = 50;
/** Time limit of the ping that separates a slow query from an unreachable server. */
const answerMs = 2_000;

const late: ContactCount = { total: 0, late: true };

/**
 * Counts up to a limit, in bounded time. MongoDB ends the query at its time limit. If the server ignores the limit or
 * hangs, the result is `late` without its answer.
 */
export async function countContacts(
  db: Db,
  contacts: Collection<ContactDocument>,
  condition: Condition,
  { limit, maxTimeMs }: CountOptions,
): Promise<ContactCount> {
  if (limit <= 0) return { total: 0, late: false };
  const counted = contacts
    // MongoDB reads 0 as no limit.
    .countDocuments(condition, { limit, maxTimeMS: Math.max(Math.ceil(maxTimeMs), 1) })
    .then((total): ContactCount => ({ total, late: false }), lateOrThrow);
  // pTimeout also handles the rejection of a count that it no longer waits for.
  const inTime = await pTimeout(counted, { milliseconds: maxTimeMs + graceMs, message: false });
  if (inTime !== undefined) return inTime;
  await requireAnswer(db);
  return late;
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
