import { ExportError } from '@waybill/errors';

/** Returns the error for a broker or registry that did not answer in time: the same call may succeed later. */
export function unavailable(cause: unknown): ExportError {
  return new ExportError('SERVICE_UNAVAILABLE', { cause });
}

/** Returns the error for bytes or headers that break the format: no later try can read them. */
export function unreadable(reason: string, cause?: unknown): ExportError {
  return new ExportError('EVENT_UNREADABLE', { params: { reason }, cause });
}
