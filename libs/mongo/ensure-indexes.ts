import type { Db, IndexDescription } from 'mongodb';
import { mapStoreError } from './open-store.ts';

/** The indexes of each collection; every service has one such table. */
export type IndexTable = Readonly<Record<string, readonly IndexDescription[]>>;

/** The index that the sweep of an outbox needs; belongs to every collection whose documents carry events. */
export const outboxIndex: IndexDescription = {
  key: { outbox_pending: 1 },
  name: 'outbox_pending',
  partialFilterExpression: { outbox_pending: true },
};

/** Creates what is missing; repeating it changes nothing. @throws ExportError SERVICE_UNAVAILABLE. */
export async function ensureIndexes(db: Db, table: IndexTable): Promise<void> {
  try {
    for (const [collection, indexes] of Object.entries(table)) {
      if (indexes.length > 0) await db.collection(collection).createIndexes([...indexes]);
    }
  } catch (error) {
    throw mapStoreError(error);
  }
}
