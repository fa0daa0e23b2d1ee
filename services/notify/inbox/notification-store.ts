import type { Cursor } from '@waybill/http';
import { removeUpTo, stored } from '@waybill/mongo';
import type { Collection, Filter } from 'mongodb';
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

export interface NotificationPage {
  readonly notifications: readonly NotificationDocument[];
  /** Where the next page starts; undefined on the last one. */
  readonly next: Cursor | undefined;
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
    options: { readonly limit: number; readonly unreadOnly: boolean; readonly after?: Cursor },
  ): Promise<NotificationPage>;
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
    page: async (inbox, { limit, unreadOnly, after }) => {
      const conditions: Filter<NotificationDocument>[] = [{ ...inbox }];
      if (unreadOnly) conditions.push({ read_at: null });
      if (after !== undefined) conditions.push(afterCursor(after));
      const found = await stored(
        notifications
          .find({ $and: conditions })
          .sort({ created_at: -1, _id: -1 })
          .limit(limit + 1)
          .toArray(),
      );
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next =
        found.length > limit && last !== undefined ? { at: last.created_at, id: last._id } : undefined;
      return { notifications: page, next };
    },
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

function afterCursor({ at, id }: Cursor): Filter<NotificationDocument> {
  return { $or: [{ created_at: { $lt: at } }, { created_at: at, _id: { $lt: id } }] };
}
