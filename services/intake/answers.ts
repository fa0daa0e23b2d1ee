import { mapStoreError } from '@waybill/store';
import { MongoServerError } from 'mongodb';

/** MongoDB's code of a write that a unique index refused. */
const duplicateKey = 11_000;

/** What MongoDB answers. @throws ExportError `SERVICE_UNAVAILABLE` while it cannot be reached. */
export async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw mapStoreError(error);
  }
}

/** False when a unique index refuses the write. @throws as `answered` does. */
export async function unlessTaken(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return false;
    throw mapStoreError(error);
  }
}
