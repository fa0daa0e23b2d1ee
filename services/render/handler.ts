import { ExportError } from '@waybill/errors';
import { hold, rewind, type HandlerContext, type Outcome, type UnreadMessage } from '@waybill/kafka';
import type { ExportBatch } from '@waybill/schemas';
import { endOpenJob, endUnopenedJob, failed } from './partition/close-job.ts';
import { afterFault, stillWaiting } from './partition/failure-policy.ts';
import type { BatchMessage } from './partition/open-job.ts';
import type { RenderParts } from './deps.ts';
import { takeIn } from './partition/partition.ts';
import { boundaryOf, type BatchTopic, type Track, type Tracks } from './partition/partition-state.ts';

/** One message into the file of its job. The group commits only below the oldest job that is still open. */
export function createHandler(
  tracks: Tracks,
  parts: RenderParts,
): (message: BatchMessage, context: HandlerContext) => Promise<Outcome> {
  return (message, context) => {
    const track = tracks.of(message.topic, message.partition);
    return track.exclusive(() => handle(track, message, context, parts));
  };
}

async function handle(
  track: Track,
  message: BatchMessage,
  context: HandlerContext,
  parts: RenderParts,
): Promise<Outcome> {
  const next = message.offset + 1n;
  if (next < context.highWatermark) track.lastBehindAt = parts.now();
  const outcome = await outcomeOf(track, message, parts);
  if (outcome === undefined) {
    track.next = next;
    return hold(boundaryOf(track, next));
  }
  if (outcome.kind === 'rewind') track.next = outcome.to;
  // While a message is tried again there is one that is not read, so no job on the partition is stalled.
  if (outcome.kind === 'retry') track.lastBehindAt = parts.now();
  return outcome;
}

/** Undefined where the message is taken in. */
async function outcomeOf(
  track: Track,
  message: BatchMessage,
  parts: RenderParts,
): Promise<Outcome | undefined> {
  const waiting = stillWaiting(track, message);
  if (waiting !== undefined) return waiting;
  try {
    const taken = await takeIn(track, message, parts);
    return taken.kind === 'seek' ? rewind(taken.to) : undefined;
  } catch (error) {
    return afterFault(track, message, error, parts);
  }
}

/** A batch that was dead-lettered fails its job, and only that: the job could never be complete. */
export function createDeadLetterHandler(
  tracks: Tracks,
  parts: RenderParts,
): (message: UnreadMessage<ExportBatch, BatchTopic>, cause: ExportError) => Promise<void> {
  return (message, cause) => {
    const track = tracks.of(message.topic, message.partition);
    return track.exclusive(() => failUnread(track, message, cause, parts));
  };
}

async function failUnread(
  track: Track,
  message: UnreadMessage<ExportBatch, BatchTopic>,
  cause: ExportError,
  parts: RenderParts,
): Promise<void> {
  const ending = failed(asFailure(cause));
  const open = track.open.get(message.key);
  const attempt = message.event?.attempt ?? message.attempt;
  if (open !== undefined && (attempt === undefined || attempt === open.subject.attempt)) {
    await endOpenJob(track, open, ending, parts);
    return;
  }
  const stored = await parts.store.find(message.key);
  const companyId = message.event?.company_id ?? message.companyId ?? stored?.company_id;
  // Nothing says whose message it is: no job can be ended for it, and the dead letter keeps the bytes.
  if (companyId === undefined) return;
  const subject = {
    jobId: message.key,
    companyId,
    attempt: attempt ?? stored?.attempt ?? 1,
    job: message.event?.spec ?? stored?.job ?? null,
  };
  await endUnopenedJob(track, subject, message, ending, parts);
}

/** What the requester is told: the technical cause is in the dead letter's headers and in the log. */
function asFailure(cause: ExportError): ExportError {
  const unreadable = ['EVENT_UNREADABLE', 'SEALED_DATA_UNREADABLE', 'SHEET_ROW_LENGTH'].includes(cause.code);
  if (unreadable) return new ExportError('EXPORT_BATCH_UNREADABLE', { cause });
  return cause.code === 'SERVICE_UNAVAILABLE' ? new ExportError('EXPORT_FAILED', { cause }) : cause;
}
