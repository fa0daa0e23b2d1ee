import { ExportError } from '@waybill/errors';

/** Broker or registry did not answer, or not in time: the same call may succeed later. */
export function unavailable(cause: unknown): ExportError {
  return new ExportError('SERVICE_UNAVAILABLE', { cause });
}

/** The bytes or headers of a message are not what they must be: no later try reads them. */
export function unreadable(reason: string, cause?: unknown): ExportError {
  return new ExportError('EVENT_UNREADABLE', { params: { reason }, cause });
}
