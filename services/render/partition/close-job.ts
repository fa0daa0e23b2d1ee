import { ExportError, failureOf } from '@waybill/errors';
import type { RenderDeps } from '../deps.ts';
import type { Claim } from '../job/job.ts';
import type { Closed } from '../job/job-store.ts';
import {
  batchesLostMessage,
  completedEntry,
  endingEntries,
  endingOf,
  type Ending,
  type Subject,
} from '../job/messages.ts';
import type { BatchMessage, OpenJob } from './partition-state.ts';

export function failed(error: ExportError): Ending {
  return { state: 'failed', failure: failureOf(error) };
}

/** Returns the ending that a stream's end message carries if the resolver ended the job without all its rows. */
export function unsuccessfulEnd({ event }: BatchMessage): Ending | undefined {
  if (event.end === null || event.end.outcome === 'resolved') return undefined;
  if (event.end.outcome === 'cancelled') return { state: 'cancelled' };
  return event.end.failure === null
    ? failed(new ExportError('EXPORT_FAILED'))
    : { state: 'failed', failure: event.end.failure };
}

/**
 * Closes a job under a claim and publishes its ending. Outcome, file pointer and events are one write. Writes nothing if
 * another claim is newer or the job has ended before.
 * @throws ExportError SERVICE_UNAVAILABLE
 */
export async function closeJob(
  { claim, subject }: { readonly claim: Claim; readonly subject: Subject },
  ending: Ending,
  deps: RenderDeps,
): Promise<Closed> {
  const at = deps.now();
  const events = endingEntries(subject, ending, at.getTime());
  const closed = await deps.store.close(claim, { ending, events, at });
  if (!closed.won) {
    deps.metrics.fencesLost.inc();
    return closed;
  }
  deps.metrics.jobs.inc({ outcome: ending.state });
  if (subject.spec !== undefined) {
    const seconds = (at.getTime() - subject.spec.requested_at) / 1000;
    deps.metrics.jobSeconds.observe({ outcome: ending.state }, seconds);
  }
  deps.reached('pointer set');
  if (ending.state !== 'succeeded') stopResolver(subject, deps);
  await deps.relay(claim._id);
  return closed;
}

/** Closes an open job that did not succeed and abandons its file. @throws ExportError SERVICE_UNAVAILABLE */
export async function closeWithoutFile(open: OpenJob, ending: Ending, deps: RenderDeps): Promise<Closed> {
  const closed = await closeJob(open, ending, deps);
  await open.file.abandon();
  return closed;
}

/** Makes the resolver stop producing batches that nothing reads. Best effort: without Redis it produces them all. */
function stopResolver({ jobId, attempt }: Subject, { cancel, logger }: RenderDeps): void {
  cancel.raise(jobId, attempt).catch((error: unknown) => {
    logger.debug({ error, job_id: jobId }, 'resolver not stopped');
  });
}

/**
 * Publishes the `export.completed` of a job that has ended again, with the same content. Returns false if this attempt has
 * not ended. @throws ExportError SERVICE_UNAVAILABLE
 */
export async function repeatEnding(subject: Subject, deps: RenderDeps): Promise<boolean> {
  const job = await deps.store.find(subject.jobId);
  if (job?.attempt !== subject.attempt || job.completed_at === null) return false;
  const ending = endingOf(job);
  if (ending === undefined) return false;
  const ended = { ...subject, spec: job.spec ?? undefined };
  await deps.store.addEvent(job, completedEntry(ended, ending, job.completed_at.getTime()));
  await deps.relay(subject.jobId);
  deps.metrics.endsRepeated.inc();
  return true;
}

/** Asks intake for the batches of a job that cannot be read. Best effort: a lost report is followed by the next. */
export function reportBatchesLost(subject: Subject, { metrics, producer, logger, now }: RenderDeps): void {
  const { jobId, stream } = subject;
  metrics.streamsLost.inc();
  logger.warn({ job_id: jobId, stream }, 'batches of a job lost');
  const message = batchesLostMessage(subject, now().getTime());
  producer.send('export.progress', message).catch((error: unknown) => {
    logger.debug({ error, job_id: jobId }, 'lost batches not reported');
  });
}

/** Returns whether a close was lost to a newer claim of the same attempt, which may never be closed. */
export function isStillOpen(closed: Closed, attempt: number): boolean {
  return !closed.won && closed.stored?.state === 'open' && closed.stored.attempt === attempt;
}
