import { Readable } from 'node:stream';
import { callerOf, type Caller } from '@waybill/auth';
import type { HttpRouter } from '@waybill/http';
import { notificationFeed, type FeedEvent, type InboxEvents } from '../inbox/feed.ts';
import { inboxOf, type NotificationStore } from '../inbox/notification-store.ts';
import type { NotificationDocument, NotificationView } from '../inbox/notification.ts';

/** A stream ends after 15 minutes. Its client then connects again, with a token that is still valid. */
const streamLimitMs = 900_000;
/** How long a client waits before it connects again. */
const reconnectMs = 2_000;
/** Proxies close a connection that is silent for a minute. */
const heartbeatMs = 15_000;

export interface StreamRouteDeps {
  readonly notifications: NotificationStore;
  readonly inboxEvents: InboxEvents;
  readonly pollMs: number;
  /** Aborted when the service stops: open streams then end. */
  readonly stopping: AbortSignal;
  readonly view: (document: NotificationDocument, caller: Caller) => NotificationView;
  readonly now: () => Date;
}

/**
 * Adds the route that sends notifications as server-sent events (HTML Living Standard §9.2). Event `unread` has the count;
 * event `notification` has one notification as the list shows it, with its id as the event's id. A client that connects
 * again with `Last-Event-ID` gets the notifications that it has missed.
 */
export function addStreamRoute(router: HttpRouter, deps: StreamRouteDeps): void {
  router.get('/stream', async (ctx) => {
    const caller = callerOf(ctx);
    const inbox = inboxOf(caller);
    const lastId = ctx.get('Last-Event-ID');
    const last = lastId === '' ? undefined : await deps.notifications.find(inbox, lastId);
    const disconnected = new AbortController();
    ctx.req.once('close', () => disconnected.abort());
    const events = notificationFeed({
      ...deps,
      inbox,
      since: last?.stored_at ?? deps.now(),
      heartbeatMs,
      signal: AbortSignal.any([disconnected.signal, deps.stopping, AbortSignal.timeout(streamLimitMs)]),
    });
    ctx.type = 'text/event-stream';
    ctx.set('Cache-Control', 'no-store');
    // nginx would otherwise buffer the events.
    ctx.set('X-Accel-Buffering', 'no');
    ctx.body = Readable.from(lines(events, (document) => deps.view(document, caller)));
  });
}

async function* lines(
  events: AsyncIterable<FeedEvent>,
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
