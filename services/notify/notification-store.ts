import type { Collection, Filter } from 'mongodb';
import type { NotificationDocument } from './notification.ts';
import { stored } from './stored.ts';

/** Whose notifications: one person has them apart in each company. */
export interface Inbox {
  readonly company_id: string;
  readonly user_id: string;
}

export interface NotificationPage {
  readonly notifications: readonly NotificationDocument[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: NotificationPosition | undefined;
}

/** The last one of a page in the order (created_at, id), both descending. */
export interface NotificationPosition {
  readonly createdAt: Date;
  readonly id: string;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface NotificationStore {
  /** Writes the facts and leaves the reader's own mark; true where the notification is new. */
  put(facts: Omit<NotificationDocument, 'read_at'>, readAt: Date | null): Promise<boolean>;
  page(
    inbox: Inbox,
    options: { readonly limit: number; readonly unreadOnly: boolean; readonly after?: NotificationPosition },
  ): Promise<NotificationPage>;
  countUnread(inbox: Inbox): Promise<number>;
  find(inbox: Inbox, id: string): Promise<NotificationDocument | undefined>;
  /** The first reading counts. All of them where no ids are given. Returns how many were unread. */
  markRead(inbox: Inbox, ids: readonly string[] | undefined, now: Date): Promise<number>;
  removePast(now: Date): Promise<number>;
}

export function createNotificationStore(notifications: Collection<NotificationDocument>): NotificationStore {
  return {
    put: async ({ _id, ...facts }, readAt) => {
      const written = await stored(
        notifications.updateOne(
          { _id },
          { $set: facts, $setOnInsert: { read_at: readAt } },
          { upsert: true },
        ),
      );
      return written.upsertedCount === 1;
    },
    page: async (inbox, { limit, unreadOnly, after }) => {
      const conditions: Filter<NotificationDocument>[] = [{ ...inbox }];
      if (unreadOnly) conditions.push({ read_at: null });
      if (after !== undefined) conditions.push(behind(after));
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
        found.length > limit && last !== undefined ? { createdAt: last.created_at, id: last._id } : undefined;
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
    removePast: async (now) =>
      (await stored(notifications.deleteMany({ keep_until: { $lt: now } }))).deletedCount,
  };
}

function behind({ createdAt, id }: NotificationPosition): Filter<NotificationDocument> {
  return { $or: [{ created_at: { $lt: createdAt } }, { created_at: createdAt, _id: { $lt: id } }] };
}
