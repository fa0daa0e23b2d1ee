import type { Eraser, Tombstones } from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import type { Collections } from './indexes.ts';

export interface ErasureCounts {
  readonly notifications: number;
  /** Deliveries that still knew what their email was about. */
  readonly deliveries: number;
}

/** Claims stay as hashes, so that nobody is told twice. */
export function createEraser(
  { notifications, deliveries }: Pick<Collections, 'notifications' | 'deliveries'>,
  erasures: Tombstones,
): Eraser<ErasureCounts> {
  return {
    erase: async (scope, now) => {
      // First: what is handled from now on is skipped.
      await erasures.add(scope, now);
      const { companyId, userId } = scope;
      const person = userId === undefined ? {} : { user_id: userId };
      const inbox = { company_id: companyId, ...person };
      const about = {
        company_id: companyId,
        ...(userId === undefined ? {} : { 'event.spec.user_id': userId }),
        event: { $ne: null },
      };
      const removed = {
        notifications: (await stored(notifications.deleteMany(inbox))).deletedCount,
        deliveries: (await stored(deliveries.updateMany(about, { $set: { event: null } }))).modifiedCount,
      };
      const remaining = {
        notifications: await stored(notifications.countDocuments(inbox)),
        deliveries: await stored(deliveries.countDocuments(about)),
      };
      return { removed, remaining };
    },
  };
}
