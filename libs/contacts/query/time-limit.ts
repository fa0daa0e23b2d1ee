import { ExportError } from '@waybill/errors';
import { MongoServerError, type Db } from 'mongodb';
import pTimeout from 'p-timeout';

/** MongoDB's error code of a query that exceeded its `maxTimeMS`. */
const maxTimeExpired = 50;
/** Extra time for the answer of a server that ends the query itself. */
const graceMs = 50;
/** Time limit of the ping that separates a slow query from an unreachable server. */
const answerMs = 2_000;

/**
 * Returns the result of a query, or undefined if it takes longer than its time limit. The query gets the limit as its
 * `maxTimeMS`, so that MongoDB ends it. A server that ignores the limit or hangs is not waited for.
 * @throws ExportError `SERVICE_UNAVAILABLE` if the query is late because the server does not answer at all.
 */
export async function withinTime<T>(
  db: Db,
  maxTimeMs: number,
  query: (maxTimeMS: number) => Promise<T>,
): Promise<T | undefined> {
  // MongoDB reads 0 as no limit.
  const result = query(Math.max(Math.ceil(maxTimeMs), 1)).catch((error: unknown) => {
    if (error instanceof MongoServerError && error.code === maxTimeExpired) return undefined;
    throw error;
  });
  // pTimeout also handles the rejection of a query that it no longer waits for.
  const inTime = await pTimeout(result, { milliseconds: maxTimeMs + graceMs, message: false });
  if (inTime === undefined) await requireAnswer(db);
  return inTime;
}

/**
 * Pings the server, so that an unreachable server is not reported as a slow query.
 * @throws ExportError `SERVICE_UNAVAILABLE` if the server does not answer.
 */
async function requireAnswer(db: Db): Promise<void> {
  try {
    await db.command({ ping: 1 }, { timeoutMS: answerMs });
  } catch (cause) {
    throw new ExportError('SERVICE_UNAVAILABLE', { cause });
  }
}
