import { asExportError, type ExportError } from '@waybill/errors';
import { deadLetter, retry, type Outcome } from '@waybill/kafka';
import { endOpenJob, endUnopenedJob, failed, park } from './close-job.ts';
import { subjectOf, type BatchMessage } from './open-job.ts';
import type { RenderParts } from '../deps.ts';
import type { Track } from './partition-state.ts';

/**
 * What follows from a fault while a message was taken in. One that may pass is tried again; the file, which may have a
 * part of the batch by then, is begun anew. A batch that cannot be read is dead-lettered, which fails its job. Anything
 * else fails the job here. Undefined: dealt with, the partition goes on.
 */
export async function afterFault(
  track: Track,
  message: BatchMessage,
  fault: unknown,
  parts: RenderParts,
): Promise<Outcome | undefined> {
  const cause = asExportError(fault, 'EXPORT_FAILED');
  if (isUnreadable(cause)) return deadLetter(cause);
  try {
    if (cause.retryable || keyIsTaken(cause)) return await putDown(track, message, cause, parts);
    parts.logger.error({ error: cause, job_id: message.event.job_id }, 'job cannot be rendered');
    await failJob(track, message, cause, parts);
    return undefined;
  } catch (error) {
    return retry(asExportError(error, 'SERVICE_UNAVAILABLE'));
  }
}

/** Faults of the message itself: no later try can help. */
function isUnreadable({ code }: ExportError): boolean {
  return (
    code === 'EXPORT_BATCH_UNREADABLE' || code === 'SEALED_DATA_UNREADABLE' || code === 'SHEET_ROW_LENGTH'
  );
}

/**
 * The answer to the completion of an upload was lost and the client asked again: the object under this epoch's key may
 * be whole, but nobody can say so. Under the next epoch the key is another.
 */
function keyIsTaken({ code, params }: ExportError): boolean {
  return code === 'STORAGE_FAILED' && params['reason'] === 'PreconditionFailed';
}

async function putDown(
  track: Track,
  message: BatchMessage,
  cause: ExportError,
  parts: RenderParts,
): Promise<Outcome | undefined> {
  const { job_id: jobId } = message.event;
  const open = track.open.get(jobId);
  if (open === undefined) return retry(cause);
  await open.file.abandon();
  park(track, open);
  const count = (track.restarts.get(jobId)?.count ?? 0) + 1;
  track.restarts.set(jobId, { count, cause });
  parts.metrics.restarts.inc();
  parts.logger.warn({ error: cause, job_id: jobId, restarts: count }, 'file begun anew after a fault');
  if (count <= parts.maximumRestarts) return retry(cause);
  await failJob(track, message, cause, parts);
  return undefined;
}

/**
 * Whether a job that was put down should wait a little longer: each restart of its file waits for one more delivery
 * than the one before, and the port doubles the time between them.
 */
export function stillWaiting(track: Track, message: BatchMessage): Outcome | undefined {
  const { job_id: jobId, kind } = message.event;
  const restarts = track.restarts.get(jobId);
  if (restarts === undefined || kind === 'plan' || !track.parked.has(jobId)) return undefined;
  return message.tries <= restarts.count ? retry(restarts.cause) : undefined;
}

async function failJob(
  track: Track,
  message: BatchMessage,
  cause: ExportError,
  parts: RenderParts,
): Promise<void> {
  const open = track.open.get(message.event.job_id);
  if (open !== undefined) {
    await endOpenJob(track, open, failed(cause), parts);
    return;
  }
  const parked = track.parked.get(message.event.job_id);
  await endUnopenedJob(track, parked?.subject ?? subjectOf(message), message, failed(cause), parts);
}
