import { setTimeout as delay } from 'node:timers/promises';
import { ExportError } from '@waybill/errors';
import { MongoServerError, type Collection, type Db } from 'mongodb';
import type { Condition } from './filter.ts';
import type { ContactCount, ContactDocument, CountOptions } from '../types.ts';

/** MongoDB's code of a query that its own time limit ended. */
const maxTimeExpired = 50;
/** For the answer of a server that keeps the limit itself. */
const graceMs = 50;
/** How long a server that is there may take to say so. */
const answerMs = 2_000;

const late: ContactCount = { total: 0, late: true };

/**
 * Counts up to a limit, in bounded time. MongoDB ends the query itself; where the server knows no time limit, or hangs,
 * the answer is not waited for.
 */
export async function countContacts(
  db: Db,
  contacts: Collection<ContactDocument>,
  condition: Condition,
  { limit, maxTimeMs }: CountOptions,
): Promise<ContactCount> {
  if (limit <= 0) return { total: 0, late: false };
  const timer = new AbortController();
  const counted = contacts
    // 0 would mean that there is no limit.
    .countDocuments(condition, { limit, maxTimeMS: Math.max(Math.ceil(maxTimeMs), 1) })
    .then((total): ContactCount => ({ total, late: false }), lateOrThrow);
  const overdue = delay(maxTimeMs + graceMs, undefined, { signal: timer.signal }).then(
    () => undefined,
    () => undefined,
  );
  try {
    const first = await Promise.race([counted, overdue]);
    if (first !== undefined) return first;
    await requireAnswer(db);
    return late;
  } finally {
    timer.abort();
    // What comes too late is of no interest any more, be it a failure.
    counted.catch(() => undefined);
  }
}

function lateOrThrow(error: unknown): ContactCount {
  if (error instanceof MongoServerError && error.code === maxTimeExpired) return late;
  throw error;
}

/**
 * Pings the server, so that an unreachable server is not taken for a large selection.
 * @throws ExportError `SERVICE_UNAVAILABLE` if the server does not answer.
 */
async function requireAnswer(db: Db): Promise<void> {
  try {
    await db.command({ ping: 1 }, { timeoutMS: answerMs });
  } catch (cause) {
    throw new ExportError('SERVICE_UNAVAILABLE', { cause });
  }
}
