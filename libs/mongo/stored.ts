import { MongoServerError } from 'mongodb';
import { mapStoreError } from './open-store.ts';

/** MongoDB's code of a write that a unique index refused. */
export const duplicateKey = 11_000;

/** What MongoDB answers. @throws ExportError SERVICE_UNAVAILABLE while it cannot be reached, EXPORT_FAILED otherwise. */
export async function stored<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw mapStoreError(error);
  }
}

/** False where a unique index, be it that of the ids, refuses the write. @throws as `stored` does. */
export async function unlessTaken(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return false;
    throw mapStoreError(error);
  }
}
