import { ExportError } from '@waybill/errors';
import { S3ServiceException } from '@aws-sdk/client-s3';

/** Returns whether a retry can help. */
function isPassing(error: S3ServiceException): boolean {
  const status = error.$metadata.httpStatusCode ?? 0;
  return status >= 500 || status === 408 || status === 429 || error.name === 'SlowDown';
}

/** Returns an error of the client as an ExportError. It is retryable without an answer, or with a transient one. */
export function storageFailure(error: unknown): ExportError {
  if (error instanceof ExportError) return error;
  if (error instanceof S3ServiceException && !isPassing(error)) {
    return new ExportError('STORAGE_FAILED', { params: { reason: error.name }, cause: error });
  }
  return new ExportError('STORAGE_UNAVAILABLE', { cause: error });
}

export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}

export async function orStorageFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storageFailure(error);
  }
}
