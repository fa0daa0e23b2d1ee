import { ExportError } from '@waybill/errors';
import {
  MongoAPIError,
  MongoError,
  MongoNotConnectedError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb';

/** Codes of MongoDB that a later try can help: not primary, shutting down, interrupted, host unreachable. */
const passingCodes: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** Codes of sockets that were closed or refused, before the driver has made an error of its own of them. */
const socketCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
]);

/** What the driver threw, as an ExportError: SERVICE_UNAVAILABLE where a later try can help, else EXPORT_FAILED. */
export function mapStoreError(error: unknown): ExportError {
  if (error instanceof ExportError) return error;
  return new ExportError(isPassing(error) ? 'SERVICE_UNAVAILABLE' : 'EXPORT_FAILED', { cause: error });
}

function isPassing(error: unknown): boolean {
  if (error instanceof MongoServerError) {
    return typeof error.code === 'number' && passingCodes.has(error.code);
  }
  // Calls on a connection that is not there, or not there yet: API errors by class, and no caller's fault here.
  if (error instanceof MongoTopologyClosedError || error instanceof MongoNotConnectedError) return true;
  // What is neither the server's answer nor a wrong call is about the connection: network, pool, server selection.
  if (error instanceof MongoError) return !(error instanceof MongoAPIError);
  return error instanceof Error && 'code' in error && socketCodes.has(error.code);
}

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
