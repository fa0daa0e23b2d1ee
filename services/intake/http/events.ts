import { Readable } from 'node:stream';
import { callerOf } from '@waybill/auth';
import type { Language } from '@waybill/errors';
import { languageOf, type HttpContext, type HttpRouter } from '@waybill/http';
import { isTerminal } from '../job/job.ts';
import { liveEvents, type LiveEvent } from '../job/status-stream.ts';
import { statusView } from '../job/status.ts';
import type { JobStore } from '../job/job-store.ts';
import type { WakeUps } from '../job/status-notifications.ts';
import { jobOf, permit } from './guard.ts';

/** A stream ends after so long, and its client takes it up again with a token that still holds. */
const longestMs = 900_000;
/** What a client waits before it connects again. */
const reconnectMs = 2_000;

export interface EventRouteParts {
  readonly jobs: JobStore;
  readonly wakeUps: WakeUps;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** Aborted when the service stops: open streams then end. */
  readonly stopping: AbortSignal;
  readonly now: () => number;
}

/**
 * A job's status as server-sent events (HTML Living Standard §9.2): event `status`, its id the job's version. After
 * the last state the stream ends; a client that connects again with that state's id gets 204, which tells it to stop.
 */
export function addEventRoute(router: HttpRouter, parts: EventRouteParts): void {
  router.get('/export/events/:job_id', permit('contacts.export'), async (ctx) => {
    const job = await jobOf(ctx, parts.jobs);
    const seen = lastEventId(ctx);
    if (seen !== undefined && seen >= job.version && isTerminal(job.status)) {
      ctx.status = 204;
      return;
    }
    const gone = new AbortController();
    ctx.req.once('close', () => gone.abort());
    const events = liveEvents({
      ...parts,
      jobId: job._id,
      seen,
      read: () => parts.jobs.find(callerOf(ctx).companyId, job._id),
      signal: AbortSignal.any([gone.signal, parts.stopping, AbortSignal.timeout(longestMs)]),
    });
    ctx.type = 'text/event-stream';
    // nginx would hold the events back until its buffer is full.
    ctx.set('X-Accel-Buffering', 'no');
    ctx.body = Readable.from(lines(events, languageOf(ctx), parts.now));
  });
}

async function* lines(
  events: AsyncIterable<LiveEvent>,
  language: Language,
  now: () => number,
): AsyncGenerator<string> {
  yield `retry: ${reconnectMs}\n\n`;
  for await (const event of events) {
    if (event.kind === 'heartbeat') {
      yield ': heartbeat\n\n';
    } else {
      const data = JSON.stringify(statusView(event.job, now(), language));
      yield `id: ${event.job.version}\nevent: status\ndata: ${data}\n\n`;
    }
  }
}

/** What is no version of ours is as good as none: the client gets the state as it is. */
function lastEventId(ctx: HttpContext): number | undefined {
  const given = ctx.get('Last-Event-ID');
  return /^\d{1,15}$/.test(given) ? Number(given) : undefined;
}
