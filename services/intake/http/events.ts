import { Readable } from 'node:stream';
import { callerOf } from '@waybill/auth';
import type { Language } from '@waybill/errors';
import { languageOf, type HttpContext, type HttpRouter } from '@waybill/http';
import { isTerminal } from '../job/job.ts';
import { statusStream, type StreamEvent } from '../job/status-stream.ts';
import { statusView } from '../job/status.ts';
import type { JobStore } from '../job/job-store.ts';
import type { StatusNotifications } from '../job/status-notifications.ts';
import { findJob, permit } from './guard.ts';

/** A stream ends after 15 minutes. Its client resumes it with a token that is still valid. */
const maximumMs = 900_000;
/** How long a client waits before it connects again. */
const reconnectMs = 2_000;

export interface EventRouteDeps {
  readonly jobs: JobStore;
  readonly notifications: StatusNotifications;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** Aborted when the service stops, which ends open streams. */
  readonly stopping: AbortSignal;
  readonly now: () => number;
}

/**
 * Adds the route that streams a job's status as server-sent events (HTML Living Standard §9.2). The event is `status` and
 * its id the job's version. The stream ends after the terminal state. A client that connects again with the id of that
 * state gets 204, which makes it stop.
 */
export function addEventRoute(router: HttpRouter, deps: EventRouteDeps): void {
  router.get('/export/events/:job_id', permit('contacts.export'), async (ctx) => {
    const job = await findJob(ctx, deps.jobs);
    const seen = lastEventId(ctx);
    if (seen !== undefined && seen >= job.version && isTerminal(job.status)) {
      ctx.status = 204;
      return;
    }
    const disconnected = new AbortController();
    ctx.req.once('close', () => disconnected.abort());
    const events = statusStream({
      ...deps,
      jobId: job._id,
      seen,
      read: () => deps.jobs.find(callerOf(ctx).companyId, job._id),
      signal: AbortSignal.any([disconnected.signal, deps.stopping, AbortSignal.timeout(maximumMs)]),
    });
    ctx.type = 'text/event-stream';
    // Without this header nginx buffers the events.
    ctx.set('X-Accel-Buffering', 'no');
    ctx.body = Readable.from(format(events, languageOf(ctx), deps.now));
  });
}

async function* format(
  events: AsyncIterable<StreamEvent>,
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

/** Ignores a Last-Event-ID that is not a version of a job and sends the current state. */
function lastEventId(ctx: HttpContext): number | undefined {
  const given = ctx.get('Last-Event-ID');
  return /^\d{1,15}$/.test(given) ? Number(given) : undefined;
}
