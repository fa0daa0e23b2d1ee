import { callerOf } from '@waybill/auth';
import {
  eventStream,
  languageOf,
  lastEventId,
  type HttpContext,
  type HttpRouter,
  type StreamLimit,
} from '@waybill/http';
import { isTerminal } from '../job/job.ts';
import type { JobStore } from '../job/job-store.ts';
import { statusView } from '../job/status.ts';
import type { StatusNotifications } from '../job/status-notifications.ts';
import { statusStream } from '../job/status-stream.ts';
import { findVisibleJob, permit } from './guard.ts';

export interface EventRouteDeps {
  readonly jobs: JobStore;
  readonly notifications: StatusNotifications;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  readonly streamLimit: StreamLimit;
  /** Aborted when the service stops, which ends open streams. */
  readonly stopping: AbortSignal;
  readonly now: () => Date;
  /** The address under which a browser reaches the API. */
  readonly publicUrl: string;
}

/**
 * Adds the route that streams a job's status as server-sent events. The event is `status` and its id the job's version.
 * The stream ends after the terminal state. A client that connects again with the id of that state gets 204, which makes
 * it stop.
 */
export function addEventRoute(router: HttpRouter, deps: EventRouteDeps): void {
  const { jobs, notifications, pollMs, heartbeatMs, streamLimit, stopping, now, publicUrl } = deps;
  router.get('/export/events/:job_id', permit('contacts.export'), async (ctx) => {
    const job = await findVisibleJob(ctx, jobs);
    const { companyId } = callerOf(ctx);
    const language = languageOf(ctx);
    const seen = lastVersion(ctx);
    if (seen !== undefined && seen >= job.version && isTerminal(job.status)) {
      ctx.status = 204;
      return;
    }
    eventStream(ctx, {
      stopping,
      streamLimit,
      heartbeatMs,
      async *events(signal) {
        const read = () => jobs.find(companyId, job._id);
        const states = statusStream({ read, jobId: job._id, seen, notifications, pollMs, signal });
        for await (const state of states) {
          const data = statusView(state, { now: now().getTime(), language, publicUrl });
          yield { id: state.version, event: 'status', data };
        }
      },
    });
  });
}

/** Ignores a Last-Event-ID that we did not issue, so that the client receives the current state. */
function lastVersion(ctx: HttpContext): number | undefined {
  const id = lastEventId(ctx) ?? '';
  return /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
