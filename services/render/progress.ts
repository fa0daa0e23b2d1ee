import { progressMessage } from './job/messages.ts';
import type { RenderParts } from './deps.ts';
import type { OpenJob } from './partition/partition-state.ts';

/** When each open job last said how far it is. */
const lastTold = new WeakMap<OpenJob, number>();

/**
 * Says how far a job is, at most once per interval while it is rendering. Best effort: nobody waits for it, and one
 * that is lost is followed by the next.
 */
export function tellProgress(open: OpenJob, phase: 'rendering' | 'uploading', parts: RenderParts): void {
  const now = parts.now();
  if (phase === 'rendering' && now - (lastTold.get(open) ?? 0) < parts.progressEveryMs) return;
  lastTold.set(open, now);
  const { position, skipped, total } = open.stream;
  const facts = { phase, written: position - skipped, skipped, total, bytes: open.file.bytes() };
  parts.producer
    .send('export.progress', progressMessage(open.subject, facts, now))
    .catch((error: unknown) => {
      parts.logger.debug({ error, job_id: open.subject.jobId }, 'progress not sent');
    });
}
