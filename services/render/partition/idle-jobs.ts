import { ExportError } from '@waybill/errors';
import { jobId } from '@waybill/domain';
import { endOpenJob, endUnopenedJob, failed, park } from './close-job.ts';
import type { RenderParts } from '../deps.ts';
import { waitedMs } from '../stall.ts';
import type { OpenJob, Track } from './partition-state.ts';

const quietMs = 250;

export interface WatchLimits {
  /** A job that waits longer, with everything read, has stalled. */
  readonly stallMs: number;
  /** A job without a message for so long is idle: it may be put down. */
  readonly idleMs: number;
  /** Bytes that files in progress may hold before idle ones are put down. */
  readonly heldBytes: number;
}

/** What no message tells: jobs that stopped getting any. */
export async function watchTrack(track: Track, parts: RenderParts, limits: WatchLimits): Promise<void> {
  await track.exclusive(async () => {
    for (const open of [...track.open.values()]) {
      if (isStalled(track, open, parts, limits)) {
        await endOpenJob(track, open, stalled(limits), parts);
      } else if (isQuiet(open, parts) && (await parts.cancel.isRaised(jobId(open.claim._id)))) {
        await endOpenJob(track, open, { state: 'cancelled' }, parts);
      }
    }
    for (const parked of [...track.parked.values()]) {
      if (!isStalled(track, parked, parts, limits)) continue;
      await endUnopenedJob(track, parked.subject, { offset: parked.first }, stalled(limits), parts);
    }
  });
}

function isStalled(
  { lastBehindAt }: Track,
  { lastMessageAt }: { readonly lastMessageAt: number },
  parts: RenderParts,
  limits: WatchLimits,
): boolean {
  return waitedMs({ lastMessageAt, lastBehindAt }, parts.now()) >= limits.stallMs;
}

/** The cancel flag of a job that gets messages is read with each of them. */
function isQuiet({ lastMessageAt }: OpenJob, parts: RenderParts): boolean {
  return parts.now() - lastMessageAt >= quietMs;
}

function isIdle({ lastMessageAt }: OpenJob, parts: RenderParts, { idleMs }: WatchLimits): boolean {
  return parts.now() - lastMessageAt >= idleMs;
}

function stalled({ stallMs }: WatchLimits) {
  return failed(new ExportError('EXPORT_STALLED', { params: { minutes: Math.round(stallMs / 60_000) } }));
}

/**
 * Puts idle jobs down, the longest idle first, until the files in progress hold no more than they may. A job that is
 * put down keeps its offsets uncommitted and is read again when its next batch comes.
 */
export async function keepBudget(
  tracks: readonly Track[],
  parts: RenderParts,
  limits: WatchLimits,
): Promise<void> {
  const idle = tracks
    .flatMap((track) => [...track.open.values()].map((open) => ({ track, open })))
    .filter(({ open }) => isIdle(open, parts, limits))
    .sort((a, b) => a.open.lastMessageAt - b.open.lastMessageAt);
  for (const { track, open } of idle) {
    if (heldBytes(tracks) <= limits.heldBytes) return;
    await track.exclusive(async () => {
      // A batch may have come while the track was busy.
      if (track.open.get(open.claim._id) !== open || !isIdle(open, parts, limits)) return;
      await open.file.abandon();
      park(track, open);
      parts.metrics.putDown.inc();
    });
  }
}

function heldBytes(tracks: readonly Track[]): number {
  return tracks
    .flatMap((track) => [...track.open.values()])
    .reduce((sum, { file }) => sum + file.heldBytes(), 0);
}
