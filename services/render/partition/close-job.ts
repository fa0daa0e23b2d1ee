import type { ExportError } from '@waybill/errors';
import type { ExportFile, Failure, Receipt } from '@waybill/schemas';
import { contentTypes } from '@waybill/domain';
import type { Claim } from '../job/job.ts';
import { endingEntries, type Ending, type Subject } from '../job/messages.ts';
import type { RenderParts } from '../deps.ts';
import { hasLost, type Closed } from '../job/job-store.ts';
import { rememberEnd, type OpenJob, type ParkedJob, type Track } from './partition-state.ts';

/** An error as events carry it: the code, an operator's text, and the values for a text in any language. */
export function failureOf(error: ExportError): Failure {
  const params = Object.entries(error.params).map(([name, value]) => [name, String(value)] as const);
  return { code: error.code, detail: error.message, params: Object.fromEntries(params) };
}

export function failed(error: ExportError): Ending {
  return { state: 'failed', failure: failureOf(error) };
}

export function succeeded(open: OpenJob, receipt: Receipt, completedAt: number, fileTtlMs: number): Ending {
  const file: ExportFile = {
    bucket: open.bucket,
    key: open.key,
    name: open.names.shown,
    content_type: contentTypes[open.subject.job.format],
    bytes: receipt.bytes,
    expires_at: completedAt + fileTtlMs,
  };
  return { state: 'succeeded', file, receipt };
}

/**
 * Closes a job under a claim and publishes its end. Outcome, pointer and events are one write. Where another claim is
 * newer, or the job has ended before, nothing is written.
 */
export async function closeJob(
  claim: Claim,
  subject: Subject,
  ending: Ending,
  parts: RenderParts,
): Promise<Closed> {
  const at = parts.now();
  const closed = await parts.store.close(claim, ending, endingEntries(subject, ending, at), new Date(at));
  if (hasLost(closed)) {
    parts.metrics.fencesLost.inc();
    return closed;
  }
  parts.metrics.jobs.inc({ outcome: ending.state });
  if (subject.job !== null) {
    parts.metrics.jobSeconds.observe({ outcome: ending.state }, (at - subject.job.requested_at) / 1000);
  }
  parts.reached('pointer set');
  await parts.relay(claim._id);
  return closed;
}

/** Ends a job whose file is open here, other than by success: its file is thrown away. */
export async function endOpenJob(
  track: Track,
  open: OpenJob,
  ending: Ending,
  parts: RenderParts,
): Promise<Closed> {
  const closed = await closeJob(open.claim, open.subject, ending, parts);
  await open.file.abandon();
  settle(track, open, closed);
  return closed;
}

/** Ends a job that has no file here: it is claimed first, so that whoever has one loses it. */
export async function endUnopenedJob(
  track: Track,
  subject: Subject,
  position: { readonly offset: bigint },
  ending: Ending,
  parts: RenderParts,
): Promise<void> {
  const { jobId, attempt } = subject;
  const claimed = await parts.store.claim(subject, track, position.offset, new Date(parts.now()));
  if (claimed.kind === 'claimed') {
    const known = { ...subject, job: subject.job ?? claimed.job };
    const closed = await closeJob(claimed.claim, known, ending, parts);
    // A competitor was faster: it is read again if anything of it is left to do.
    if (hasLost(closed) && closed.stored?.state === 'open') return;
  }
  rememberEnd(track, jobId, attempt);
}

/** Takes a job out of memory after a close: it has ended, or it is somebody else's and will be read again. */
export function settle(track: Track, open: OpenJob, closed: Closed): void {
  const { jobId, attempt } = open.subject;
  const stillOpen = hasLost(closed) && closed.stored?.state === 'open' && closed.stored.attempt === attempt;
  if (stillOpen) park(track, open);
  else rememberEnd(track, jobId, attempt);
}

/** Puts a job down; its offsets stay uncommitted, so that it can be read again. */
export function park(track: Track, open: OpenJob): ParkedJob {
  const { subject, first, lastMessageAt } = open;
  const parked = { subject, first, lastMessageAt };
  track.open.delete(subject.jobId);
  track.parked.set(subject.jobId, parked);
  return parked;
}
