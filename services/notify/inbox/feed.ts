/** A person's new notifications as they are stored, for one open stream. */
import type { Inbox, NotificationStore } from './notification-store.ts';
import type { NotificationDocument } from './notification.ts';

export type FeedEvent =
  | { readonly kind: 'notification'; readonly document: NotificationDocument }
  | { readonly kind: 'unread'; readonly count: number };

/** Connects the handler of this process with its open streams, so that they need not wait for the next poll. */
export interface InboxEvents {
  /** Announces that a notification was stored in an inbox. */
  emit(inbox: Inbox): void;
  /** Resolves at the next event of that inbox, after `limitMs`, or when the signal is aborted. */
  wait(inbox: Inbox, limitMs: number, signal: AbortSignal): Promise<void>;
}

export interface FeedOptions {
  readonly notifications: Pick<NotificationStore, 'storedAfter' | 'countUnread'>;
  readonly inbox: Inbox;
  /** Notifications stored until then are known to the client. */
  readonly since: Date;
  readonly inboxEvents: InboxEvents;
  readonly pollMs: number;
  readonly signal: AbortSignal;
}

const pageLimit = 100;
/** How far back each look goes: clocks of instances differ, and writes finish out of order. */
const overlapMs = 5_000;

/** Yields the unread count, then each new notification, and the count again whenever it has changed. */
export async function* notificationFeed(options: FeedOptions): AsyncGenerator<FeedEvent> {
  const { notifications, inbox, inboxEvents, signal } = options;
  const window = new FeedWindow(options.since);
  let count: number | undefined;
  while (!signal.aborted) {
    for (const document of window.unseen(await notifications.storedAfter(inbox, window.from, pageLimit))) {
      yield { kind: 'notification', document };
    }
    const unread = await notifications.countUnread(inbox);
    if (unread !== count) {
      count = unread;
      yield { kind: 'unread', count };
    }
    await inboxEvents.wait(inbox, options.pollMs, signal);
  }
}

/** Remembers which notifications a stream has sent, as far back as it looks. */
class FeedWindow {
  readonly #since: Date;
  readonly #sent = new Map<string, number>();
  #newest: number;

  constructor(since: Date) {
    this.#since = since;
    this.#newest = since.getTime();
  }

  /** From when on to look. */
  get from(): Date {
    return new Date(this.#newest - overlapMs);
  }

  /** Returns those of the found notifications that the stream has not sent, and counts them as sent. */
  unseen(found: readonly NotificationDocument[]): readonly NotificationDocument[] {
    const unseen = found.filter(({ _id, stored_at }) => stored_at > this.#since && !this.#sent.has(_id));
    for (const { _id, stored_at } of unseen) {
      this.#sent.set(_id, stored_at.getTime());
      this.#newest = Math.max(this.#newest, stored_at.getTime());
    }
    for (const [id, at] of this.#sent) if (at < this.#newest - overlapMs) this.#sent.delete(id);
    return unseen;
  }
}

export function createInboxEvents(): InboxEvents {
  const waiting = new Map<string, Set<() => void>>();
  const keyOf = ({ company_id, user_id }: Inbox): string => JSON.stringify([company_id, user_id]);
  return {
    emit: (inbox) => {
      for (const wake of waiting.get(keyOf(inbox)) ?? []) wake();
    },
    wait: (inbox, limitMs, signal) =>
      new Promise((resolve) => {
        const key = keyOf(inbox);
        const waiters = waiting.get(key) ?? new Set();
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          waiters.delete(wake);
          if (waiters.size === 0) waiting.delete(key);
          resolve();
        };
        const timer = setTimeout(wake, limitMs);
        waiting.set(key, waiters.add(wake));
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
      }),
  };
}
