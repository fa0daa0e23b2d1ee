import { newestPage, removeUpTo, stored, type Page, type PageRequest } from '@waybill/mongo';
import type { Collection } from 'mongodb';
import type {
  NotificationDocument,
  NotificationContent,
  NotificationState,
  Publication,
} from './notification.ts';

/** Identifies a person's notifications. A person of several companies has one inbox in each. */
export interface Inbox {
  readonly company_id: string;
  readonly user_id: string;
}

/** Returns the inbox of a session's person in the session's company. */
export function inboxOf(caller: { readonly companyId: string; readonly userId: string }): Inbox {
  return { company_id: caller.companyId, user_id: caller.userId };
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface NotificationStore {
  /** Writes the content, and the state only where the notification is new. Returns true for a new one. */
  put(content: NotificationContent, state: NotificationState): Promise<boolean>;
  /** Returns notifications of that time that the other system has not accepted yet, oldest first. */
  unpublished(
    stored: { readonly from: Date; readonly before: Date },
    limit: number,
  ): Promise<readonly NotificationDocument[]>;
  markPublication(id: string, publication: Publication): Promise<void>;
  /** Returns notifications stored after that instant, oldest first. */
  storedAfter(inbox: Inbox, after: Date, limit: number): Promise<readonly NotificationDocument[]>;
  page(
    inbox: Inbox,
    options: PageRequest & { readonly unreadOnly: boolean },
  ): Promise<Page<NotificationDocument>>;
  countUnread(inbox: Inbox): Promise<number>;
  find(inbox: Inbox, id: string): Promise<NotificationDocument | undefined>;
  /** Marks notifications as read, all of them where `ids` is undefined. Returns how many were unread. */
  markRead(inbox: Inbox, ids: readonly string[] | undefined, now: Date): Promise<number>;
  /** Removes notifications past `keep_until`. Returns how many. */
  removeExpired(now: Date): Promise<number>;
}

export function createNotificationStore(notifications: Collection<NotificationDocument>): NotificationStore {
  return {
    put: async ({ _id, ...content }, state) => {
      const written = await stored(
        notifications.updateOne({ _id }, { $set: content, $setOnInsert: state }, { upsert: true }),
      );
      return written.upsertedCount === 1;
    },
    unpublished: ({ from, before }, limit) =>
      stored(
        notifications
          .find({ publication: 'pending', stored_at: { $gte: from, $lt: before } })
          .sort({ stored_at: 1 })
          .limit(limit)
          .toArray(),
      ),
    markPublication: async (id, publication) => {
      await stored(notifications.updateOne({ _id: id }, { $set: { publication } }));
    },
    storedAfter: (inbox, after, limit) =>
      stored(
        notifications
          .find({ ...inbox, stored_at: { $gt: after } })
          .sort({ stored_at: 1 })
          .limit(limit)
          .toArray(),
      ),
    page: (inbox, { unreadOnly, ...page }) =>
      newestPage(notifications, unreadOnly ? { ...inbox, read_at: null } : inbox, {
        ...page,
        by: 'created_at',
      }),
    countUnread: (inbox) => stored(notifications.countDocuments({ ...inbox, read_at: null })),
    find: async (inbox, id) => (await stored(notifications.findOne({ _id: id, ...inbox }))) ?? undefined,
    markRead: async (inbox, ids, now) => {
      const which = ids === undefined ? {} : { _id: { $in: [...ids] } };
      const marked = await stored(
        notifications.updateMany({ ...inbox, ...which, read_at: null }, { $set: { read_at: now } }),
      );
      return marked.modifiedCount;
    },
    removeExpired: (now) => removeUpTo(notifications, { keep_until: { $lt: now } }),
  };
}
