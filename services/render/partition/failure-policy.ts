import { ExportError, jobFailure } from '@waybill/errors';

/**
 * What to do about a fault while a message was applied.
 * - `dead-letter`: the message cannot be read; dead-lettering it fails its job.
 * - `restart`: the fault may pass; the message is retried and the file, which may hold a part of it, is started again.
 * - `fail`: the job fails here.
 */
export type FaultAction = 'dead-letter' | 'restart' | 'fail';

export function actionOn(cause: ExportError): FaultAction {
  if (isUnreadable(cause)) return 'dead-letter';
  return cause.retryable || isKeyTaken(cause) ? 'restart' : 'fail';
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
 * The response to completing an upload was lost and the client sent the request again. The object under this epoch's
 * key may be complete, but we cannot know. A restart uses the next epoch, and therefore another key.
 */
function isKeyTaken({ code, params }: ExportError): boolean {
  return code === 'STORAGE_FAILED' && params['reason'] === 'PreconditionFailed';
}
