/** A person's notifications as they come, for one open stream. */
import type { Inbox, NotificationStore } from './notification-store.ts';
import type { NotificationDocument } from './notification.ts';

export type LiveEvent =
  | { readonly kind: 'notification'; readonly document: NotificationDocument }
  | { readonly kind: 'unread'; readonly count: number }
  | { readonly kind: 'heartbeat' };

/** Rings when a notification was stored by this process. */
export interface Bell {
  ring(inbox: Inbox): void;
  /** Resolves at the next ring for that inbox, after `limitMs`, or when the signal is aborted. */
  wait(inbox: Inbox, limitMs: number, signal: AbortSignal): Promise<void>;
}

export interface LiveOptions {
  readonly notifications: Pick<NotificationStore, 'storedAfter' | 'countUnread'>;
  readonly inbox: Inbox;
  /** What was stored until then is known to the client. */
  readonly since: Date;
  readonly bell: Bell;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

const pageLimit = 100;
/** Clocks of two instances differ, and writes finish out of order: so far back is looked again. */
const overlapMs = 5_000;

/** First the unread count, then each new notification, and the count whenever it has changed. */
export async function* liveEvents(options: LiveOptions): AsyncGenerator<LiveEvent> {
  const { notifications, inbox, bell, signal, now } = options;
  const window = new Window(options.since);
  let count: number | undefined;
  let spokenAt = now();
  while (!signal.aborted) {
    for (const document of window.fresh(await notifications.storedAfter(inbox, window.from, pageLimit))) {
      spokenAt = now();
      yield { kind: 'notification', document };
    }
    const unread = await notifications.countUnread(inbox);
    if (unread !== count) {
      count = unread;
      spokenAt = now();
      yield { kind: 'unread', count };
    } else if (now() - spokenAt >= options.heartbeatMs) {
      spokenAt = now();
      yield { kind: 'heartbeat' };
    }
    await bell.wait(inbox, options.pollMs, signal);
  }
}

/** Which notifications a stream has told of, as far back as it looks. */
class Window {
  readonly #since: Date;
  readonly #seen = new Map<string, number>();
  #newest: number;

  constructor(since: Date) {
    this.#since = since;
    this.#newest = since.getTime();
  }

  /** Where to look from. */
  get from(): Date {
    return new Date(this.#newest - overlapMs);
  }

  /** Those of the found that are new to the stream. */
  fresh(found: readonly NotificationDocument[]): readonly NotificationDocument[] {
    const fresh = found.filter(({ _id, stored_at }) => stored_at > this.#since && !this.#seen.has(_id));
    for (const { _id, stored_at } of fresh) {
      this.#seen.set(_id, stored_at.getTime());
      this.#newest = Math.max(this.#newest, stored_at.getTime());
    }
    for (const [id, at] of this.#seen) if (at < this.#newest - overlapMs) this.#seen.delete(id);
    return fresh;
  }
}

export function createBell(): Bell {
  const waiting = new Map<string, Set<() => void>>();
  const keyOf = ({ company_id, user_id }: Inbox): string => JSON.stringify([company_id, user_id]);
  return {
    ring: (inbox) => {
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
