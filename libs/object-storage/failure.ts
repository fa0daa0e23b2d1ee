import { ExportError } from '@waybill/errors';
import { S3ServiceException } from '@aws-sdk/client-s3';

/**
 * Names of errors that the same request gets again, whatever the state of the storage. Every other error passes, such as
 * missing rights, a missing bucket or an upload that was aborted by a lifecycle rule.
 */
const finalErrors: ReadonlySet<string> = new Set([
  'EntityTooLarge',
  'EntityTooSmall',
  'InvalidArgument',
  'InvalidPart',
  'InvalidPartOrder',
  'InvalidRequest',
  'KeyTooLongError',
  'MalformedXML',
  'MetadataTooLarge',
  'NoSuchKey',
  'PreconditionFailed',
]);

/**
 * Returns an error of the client as an ExportError: STORAGE_FAILED if the same request can never succeed, otherwise
 * STORAGE_UNAVAILABLE.
 */
export function storageFailure(error: unknown): ExportError {
  if (error instanceof ExportError) return error;
  if (error instanceof S3ServiceException && finalErrors.has(error.name)) {
    return new ExportError('STORAGE_FAILED', { params: { reason: error.name }, cause: error });
  }
  return new ExportError('STORAGE_UNAVAILABLE', { cause: error });
}

export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}

/** Returns whether an answer to a completion may be that to a repeat of a request that succeeded. */
export function isAmbiguous(error: unknown): boolean {
  return error instanceof S3ServiceException && [404, 409, 412].includes(error.$metadata.httpStatusCode ?? 0);
}

export async function orStorageFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storageFailure(error);
  }
}
