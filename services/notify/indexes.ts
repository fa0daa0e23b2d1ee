import type { TombstoneDocument } from '@waybill/erasure';
import { outboxIndex, type IndexTable, type Store } from '@waybill/mongo';
import type { Collection } from 'mongodb';
import type { DeliveryDocument } from './delivery/delivery-store.ts';
import type { NotificationDocument } from './inbox/notification.ts';

/** The service's collections. No other service reads them. */
export interface Collections {
  readonly deliveries: Collection<DeliveryDocument>;
  readonly notifications: Collection<NotificationDocument>;
  readonly erasures: Collection<TombstoneDocument>;
}

export function collectionsOf({ db }: Store): Collections {
  return {
    deliveries: db.collection('deliveries'),
    notifications: db.collection('notifications'),
    erasures: db.collection('erasures'),
  };
}

export const notifyIndexes: IndexTable = {
  deliveries: [
    outboxIndex,
    // For the scheduler, which leases what is due, and for the gauges.
    { key: { state: 1, next_attempt_at: 1 }, name: 'due' },
    // For the sweep, which looks for senders that have ended.
    { key: { state: 1, attempted_at: 1 }, name: 'attempted' },
    // For an operator's list, newest first.
    { key: { company_id: 1, state: 1, keep_until: -1, _id: -1 }, name: 'company' },
    { key: { keep_until: 1 }, name: 'keep_until' },
  ],
  notifications: [
    { key: { company_id: 1, user_id: 1, created_at: -1, _id: -1 }, name: 'inbox' },
    { key: { company_id: 1, user_id: 1, read_at: 1 }, name: 'unread' },
    { key: { company_id: 1, user_id: 1, stored_at: 1 }, name: 'feed' },
    { key: { publication: 1, stored_at: 1 }, name: 'publication' },
    { key: { keep_until: 1 }, name: 'keep_until' },
  ],
};
