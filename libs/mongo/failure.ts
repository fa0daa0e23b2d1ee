import { ExportError } from '@waybill/errors';
import {
  MongoAPIError,
  MongoError,
  MongoNotConnectedError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb';

/** Retryable codes of MongoDB: not primary, shutting down, interrupted, host unreachable. */
const passingCodes: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** Codes of closed or refused sockets that the driver has not wrapped in an error of its own. */
const socketCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
]);

/** Returns an error of the driver as an ExportError: SERVICE_UNAVAILABLE if a retry can help, otherwise EXPORT_FAILED. */
export function mapStoreError(error: unknown): ExportError {
  if (error instanceof ExportError) return error;
  return new ExportError(isPassing(error) ? 'SERVICE_UNAVAILABLE' : 'EXPORT_FAILED', { cause: error });
}

function isPassing(error: unknown): boolean {
  if (error instanceof MongoServerError) {
    return typeof error.code === 'number' && passingCodes.has(error.code);
  }
  // A missing connection: API errors by class, but not a fault of the caller.
  if (error instanceof MongoTopologyClosedError || error instanceof MongoNotConnectedError) return true;
  // Every other MongoError is about the connection: network, pool, server selection.
  if (error instanceof MongoError) return !(error instanceof MongoAPIError);
  return error instanceof Error && 'code' in error && socketCodes.has(error.code);
}

/** MongoDB's code of a write that a unique index rejected. */
export const duplicateKey = 11_000;

/**
 * Returns the answer of MongoDB.
 * @throws ExportError SERVICE_UNAVAILABLE while it cannot be reached, EXPORT_FAILED otherwise.
 */
export async function stored<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw mapStoreError(error);
  }
}

/** Returns false if a unique index, including that of `_id`, rejects the write. @throws as `stored` does. */
export async function unlessTaken(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return false;
    throw mapStoreError(error);
  }
}
