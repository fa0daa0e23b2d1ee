import { openRows } from '@waybill/batch-payload';
import { ExportError } from '@waybill/errors';
import { jobId } from '@waybill/domain';
import { endOpenJob, endUnopenedJob, failed } from './close-job.ts';
import { finishJob } from './complete-job.ts';
import type { Ending } from '../job/messages.ts';
import { batchId, openJob, subjectOf, type BatchMessage } from './open-job.ts';
import type { RenderParts } from '../deps.ts';
import { tellProgress } from '../progress.ts';
import { hasLost, type Closed } from '../job/job-store.ts';
import { nextStep } from './stream.ts';
import { hasEnded, rememberEnd, type OpenJob, type Track } from './partition-state.ts';

/** What became of a message: taken in (or of no use any more), or the partition must be read again from an offset. */
export type Taken = { readonly kind: 'taken' } | { readonly kind: 'seek'; readonly to: bigint };

const taken: Taken = { kind: 'taken' };

/**
 * Takes one message of a partition into the job that it belongs to.
 * @throws ExportError with what went wrong. Where a file was being written it may be damaged by then: the caller puts
 * the job down or ends it.
 */
export async function takeIn(track: Track, message: BatchMessage, parts: RenderParts): Promise<Taken> {
  const { event } = message;
  if (parts.now() - message.at > parts.recordTtlMs) return taken;
  if (hasEnded(track, event.job_id, event.attempt)) return taken;
  const open = track.open.get(event.job_id);
  if (open?.subject.attempt === event.attempt) return goOn(track, open, message, parts);
  if (open !== undefined && open.subject.attempt > event.attempt) return taken;
  if (open !== undefined) {
    // A newer attempt was begun, so the older one has ended somewhere else.
    await open.file.abandon();
    rememberEnd(track, event.job_id, open.subject.attempt);
  }
  return begin(track, message, parts);
}

/** A message of a job that has no file here. */
async function begin(track: Track, message: BatchMessage, parts: RenderParts): Promise<Taken> {
  const { event, offset } = message;
  if (event.kind === 'plan') {
    const open = await openJob(track, message, parts);
    if (open !== undefined) tellProgress(open, 'rendering', parts);
    return taken;
  }
  const ending = unsuccessfulEnd(message);
  if (ending !== undefined) {
    await endUnopenedJob(track, subjectOf(message), { offset }, ending, parts);
    return taken;
  }
  const stored = await parts.store.find(event.job_id);
  if (
    stored !== null &&
    (stored.attempt > event.attempt || (stored.attempt === event.attempt && stored.state !== 'open'))
  ) {
    rememberEnd(track, event.job_id, event.attempt);
    return taken;
  }
  // Its plan came before: the job was put down, or its file is begun anew by whoever reads it now.
  const first = stored?.attempt === event.attempt ? firstOn(track, stored.first) : undefined;
  if (first !== undefined && first < offset && !track.sought.has(event.job_id)) {
    track.sought.add(event.job_id);
    parts.metrics.seeks.inc({ reason: 'unopened' });
    return { kind: 'seek', to: first };
  }
  await endUnopenedJob(
    track,
    subjectOf(message),
    { offset },
    failed(new ExportError('EXPORT_BATCH_UNREADABLE')),
    parts,
  );
  return taken;
}

function firstOn(
  track: Track,
  first: { topic: string; partition: number; offset: string },
): bigint | undefined {
  return first.topic === track.topic && first.partition === track.partition
    ? BigInt(first.offset)
    : undefined;
}

/** A message of a job whose file is being made here. */
async function goOn(track: Track, open: OpenJob, message: BatchMessage, parts: RenderParts): Promise<Taken> {
  const { event } = message;
  const step = nextStep(open.stream, event);
  if (step.kind === 'repeat') return taken;
  open.lastMessageAt = parts.now();
  if (await parts.cancel.isRaised(jobId(event.job_id))) {
    return afterClose(open, await endOpenJob(track, open, { state: 'cancelled' }, parts));
  }
  switch (step.kind) {
    case 'write':
      await writeRows(open, message, parts);
      open.stream = step.after;
      tellProgress(open, 'rendering', parts);
      parts.reached('batch written');
      return taken;
    case 'finish':
      tellProgress(open, 'uploading', parts);
      return afterClose(open, await finishJob(track, open, parts));
    case 'give-up': {
      const ending = unsuccessfulEnd(message) ?? failed(new ExportError('EXPORT_FAILED'));
      return afterClose(open, await endOpenJob(track, open, ending, parts));
    }
    case 'gap':
      return fillGap(track, open, parts);
  }
}

async function writeRows(open: OpenJob, { event }: BatchMessage, parts: RenderParts): Promise<void> {
  if (event.payload === null) throw new ExportError('EXPORT_BATCH_UNREADABLE');
  const rows = await openRows(parts.opener, event.payload, batchId(event));
  if (rows.length !== event.rows) throw new ExportError('EXPORT_BATCH_UNREADABLE');
  await open.file.write(rows);
  parts.metrics.rows.inc(rows.length);
}

/** What is missing may have been read past: the job's messages are read once more before the job is given up. */
async function fillGap(track: Track, open: OpenJob, parts: RenderParts): Promise<Taken> {
  if (!open.gapSought) {
    open.gapSought = true;
    parts.metrics.seeks.inc({ reason: 'gap' });
    return { kind: 'seek', to: open.first };
  }
  const ending = failed(new ExportError('EXPORT_BATCH_UNREADABLE'));
  return afterClose(open, await endOpenJob(track, open, ending, parts));
}

/** A loser that still holds the partition reads the job again, under a claim of its own. */
function afterClose(open: OpenJob, closed: Closed): Taken {
  const stillOpen =
    hasLost(closed) && closed.stored?.state === 'open' && closed.stored.attempt === open.subject.attempt;
  return stillOpen ? { kind: 'seek', to: open.first } : taken;
}

/** How the resolver ended a job without all its rows; undefined for every other message. */
function unsuccessfulEnd({ event }: BatchMessage): Ending | undefined {
  if (event.end === null || event.end.outcome === 'resolved') return undefined;
  if (event.end.outcome === 'cancelled') return { state: 'cancelled' };
  return event.end.failure === null
    ? failed(new ExportError('EXPORT_FAILED'))
    : { state: 'failed', failure: event.end.failure };
}
