import { causeOf, ExportError } from '@waybill/errors';
import { BSON, MongoInvalidArgumentError, MongoServerError } from 'mongodb';

/** MongoDB's code of a write that a unique index rejected. */
export const duplicateKey = 11_000;

/**
 * Codes of MongoDB that the same request gets again, whatever the state of the server: values, commands and documents
 * that it can never accept. Every other code passes, such as missing rights, a full disk or an election.
 */
const finalCodes: ReadonlySet<number> = new Set([
  2, // BadValue
  9, // FailedToParse
  14, // TypeMismatch
  15, // Overflow
  22, // InvalidBSON
  28, // PathNotViable
  40, // ConflictingUpdateOperators
  52, // DollarPrefixedFieldName
  57, // DottedFieldName
  59, // CommandNotFound
  66, // ImmutableField
  67, // CannotCreateIndex
  72, // InvalidOptions
  85, // IndexOptionsConflict
  86, // IndexKeySpecsConflict
  121, // DocumentValidationFailure
  197, // InvalidIndexSpecificationOption
  10_334, // BSONObjectTooLarge
  duplicateKey,
  17_280, // KeyTooLong
  17_419, // The updated document is too large
  17_420, // The document to insert is too large
]);

/**
 * Returns an error of the driver as an ExportError: EXPORT_FAILED if the same operation can never succeed, otherwise
 * SERVICE_UNAVAILABLE.
 */
export function mapStoreError(error: unknown): ExportError {
  return isFinal(error) ? new ExportError('EXPORT_FAILED', { cause: error }) : causeOf(error);
}

function isFinal(error: unknown): boolean {
  if (error instanceof MongoServerError) return typeof error.code === 'number' && finalCodes.has(error.code);
  return error instanceof MongoInvalidArgumentError || error instanceof BSON.BSONError;
}

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

/**
 * Returns false if a unique index, including that of `_id`, rejects the write.
 * @throws ExportError as `stored` does.
 */
export async function unlessTaken(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return false;
    throw mapStoreError(error);
  }
}
