import type { Collection, Db } from 'mongodb';
import type { Condition } from './filter.ts';
import { withinTime } from './time-limit.ts';
import type { ContactCount, ContactDocument, CountOptions } from '../types.ts';

/**
 * Counts up to a limit, in bounded time.
 * @throws ExportError `SERVICE_UNAVAILABLE` if the server does not answer.
 */
export async function countContacts(
  db: Db,
  contacts: Collection<ContactDocument>,
  condition: Condition,
  { limit, maxTimeMs }: CountOptions,
): Promise<ContactCount> {
  if (limit <= 0) return { total: 0, late: false };
  const total = await withinTime(db, maxTimeMs, (maxTimeMS) =>
    contacts.countDocuments(condition, { limit, maxTimeMS }),
  );
  return total === undefined ? { total: 0, late: true } : { total, late: false };
}
