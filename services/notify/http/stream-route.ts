import { callerOf } from '@waybill/auth';
import type { Language } from '@waybill/errors';
import {
  eventStream,
  languageOf,
  lastEventId,
  type HttpRouter,
  type StreamEvent,
  type StreamLimit,
} from '@waybill/http';
import { notificationFeed, type FeedEvent, type InboxEvents } from '../inbox/feed.ts';
import { inboxOf, type NotificationStore } from '../inbox/notification-store.ts';
import type { NotificationDocument, NotificationView } from '../inbox/notification.ts';

export interface StreamRouteDeps {
  readonly notifications: NotificationStore;
  readonly inboxEvents: InboxEvents;
  readonly pollMs: number;
  readonly streamLimit: StreamLimit;
  /** Aborted when the service stops: open streams then end. */
  readonly stopping: AbortSignal;
  readonly view: (document: NotificationDocument, language: Language) => NotificationView;
  readonly now: () => Date;
}

/**
 * Adds the route that sends notifications as server-sent events. Event `unread` has the count; event `notification` has
 * one notification as the list shows it, with its id as the event's id. A client that connects again with
 * `Last-Event-ID` gets the notifications that it has missed.
 */
export function addStreamRoute(router: HttpRouter, deps: StreamRouteDeps): void {
  router.get('/stream', async (ctx) => {
    const caller = callerOf(ctx);
    const inbox = inboxOf(caller);
    const lastId = lastEventId(ctx);
    const last = lastId === undefined ? undefined : await deps.notifications.find(inbox, lastId);
    const since = last?.stored_at ?? deps.now();
    const language = languageOf(ctx);
    const view = (document: NotificationDocument) => deps.view(document, language);
    eventStream(ctx, {
      stopping: deps.stopping,
      streamLimit: deps.streamLimit,
      events: (signal) => streamEvents(notificationFeed({ ...deps, inbox, since, signal }), view),
    });
  });
}

async function* streamEvents(
  feed: AsyncIterable<FeedEvent>,
  view: (document: NotificationDocument) => NotificationView,
): AsyncGenerator<StreamEvent> {
  for await (const event of feed) {
    yield event.kind === 'unread'
      ? { event: 'unread', data: { unread_count: event.count } }
      : { id: event.document._id, event: 'notification', data: view(event.document) };
  }
}
