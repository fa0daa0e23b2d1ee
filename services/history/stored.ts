import { mapStoreError } from '@waybill/store';

/** The answer of MongoDB. @throws ExportError SERVICE_UNAVAILABLE while it cannot be reached, EXPORT_FAILED otherwise. */
export async function stored<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw mapStoreError(error);
  }
}
