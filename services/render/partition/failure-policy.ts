import { ExportError, jobFailure } from '@waybill/errors';

/**
 * What to do about a fault while a message was applied.
 * - `wait`: a server is away; the partition waits and the job is read again, since its file may hold a part of the message.
 * - `dead-letter`: the message cannot be read; dead-lettering it fails its job.
 * - `fail`: the job fails here.
 */
export type FaultAction = 'wait' | 'dead-letter' | 'fail';

export function actionOn(cause: ExportError): FaultAction {
  // First: a message may be unreadable only until this process has the key.
  if (cause.retryable || isKeyTaken(cause)) return 'wait';
  return isUnreadable(cause) ? 'dead-letter' : 'fail';
}

/** Returns the failure that the requester sees. The technical cause is in the dead letter's headers and in the log. */
export function failureOfDeadLetter(cause: ExportError): ExportError {
  if (cause.code === 'EVENT_UNREADABLE' || isUnreadable(cause)) {
    return new ExportError('EXPORT_BATCH_UNREADABLE', { cause });
  }
  return jobFailure(cause);
}

/** Faults of the message itself: no retry can help. */
function isUnreadable({ code }: ExportError): boolean {
  return (
    code === 'EXPORT_BATCH_UNREADABLE' || code === 'SEALED_DATA_UNREADABLE' || code === 'SHEET_ROW_LENGTH'
  );
}

/**
 * The response to completing an upload was lost, the client sent the request again, and storage did not show whether the
 * object under this epoch's key is the file. The job is read again under the next epoch, and therefore another key.
 */
function isKeyTaken({ code, params }: ExportError): boolean {
  return code === 'STORAGE_FAILED' && params['reason'] === 'PreconditionFailed';
}
