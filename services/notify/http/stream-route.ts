import { Readable } from 'node:stream';
import { callerOf, type Caller } from '@waybill/auth';
import type { HttpRouter } from '@waybill/http';
import { liveEvents, type Bell, type LiveEvent } from '../inbox/feed.ts';
import { inboxOf, type NotificationStore } from '../inbox/notification-store.ts';
import type { NotificationDocument, NotificationView } from '../inbox/notification.ts';

/** A stream ends after so long, and its client takes it up again with a token that still holds. */
const longestMs = 900_000;
/** What a client waits before it connects again. */
const reconnectMs = 2_000;
/** Proxies cut a connection that is silent for a minute. */
const heartbeatMs = 15_000;

export interface StreamParts {
  readonly notifications: NotificationStore;
  readonly bell: Bell;
  readonly pollMs: number;
  /** Aborted when the service stops: open streams then end. */
  readonly stopping: AbortSignal;
  readonly view: (document: NotificationDocument, caller: Caller) => NotificationView;
  readonly now: () => number;
}

/**
 * Notifications as server-sent events (HTML Living Standard §9.2): event `unread` with the count, event `notification`
 * with one as the list shows it, its id the notification's. A client that connects again with `Last-Event-ID` gets
 * what it has missed.
 */
export function addStreamRoute(router: HttpRouter, parts: StreamParts): void {
  router.get('/stream', async (ctx) => {
    const caller = callerOf(ctx);
    const inbox = inboxOf(caller);
    const last = ctx.get('Last-Event-ID');
    const known = last === '' ? undefined : await parts.notifications.find(inbox, last);
    const gone = new AbortController();
    ctx.req.once('close', () => gone.abort());
    const events = liveEvents({
      ...parts,
      inbox,
      since: known?.stored_at ?? new Date(parts.now()),
      heartbeatMs,
      signal: AbortSignal.any([gone.signal, parts.stopping, AbortSignal.timeout(longestMs)]),
    });
    ctx.type = 'text/event-stream';
    ctx.set('Cache-Control', 'no-store');
    // nginx would hold the events back until its buffer is full.
    ctx.set('X-Accel-Buffering', 'no');
    ctx.body = Readable.from(lines(events, (document) => parts.view(document, caller)));
  });
}

async function* lines(
  events: AsyncIterable<LiveEvent>,
  view: (document: NotificationDocument) => NotificationView,
): AsyncGenerator<string> {
  yield `retry: ${reconnectMs}\n\n`;
  for await (const event of events) {
    switch (event.kind) {
      case 'heartbeat':
        yield ': heartbeat\n\n';
        break;
      case 'unread':
        yield `event: unread\ndata: ${JSON.stringify({ unread_count: event.count })}\n\n`;
        break;
      case 'notification':
        yield `id: ${event.document._id}\nevent: notification\ndata: ${JSON.stringify(view(event.document))}\n\n`;
    }
  }
}
