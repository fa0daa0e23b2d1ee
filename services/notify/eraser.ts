import { stored } from '@waybill/store';
import type { Collections } from './store.ts';
import type { ErasureScope, ErasureStore } from './erasure-store.ts';

export interface Eraser {
  /**
   * Removes what is known of a person or of a whole company, and counts what is left, which is nothing. Claims stay as
   * hashes, so that nobody is told twice. Repeating it does no harm. @throws ExportError SERVICE_UNAVAILABLE.
   */
  erase(scope: ErasureScope, now: Date): Promise<ErasureReport>;
}

export interface ErasureReport {
  readonly removed: ErasureCounts;
  /** Looked for after the removal. */
  readonly remaining: ErasureCounts;
}

export interface ErasureCounts {
  readonly notifications: number;
  /** Deliveries that still knew what their email was about. */
  readonly deliveries: number;
}

export function createEraser(
  { notifications, deliveries }: Pick<Collections, 'notifications' | 'deliveries'>,
  erasures: ErasureStore,
): Eraser {
  return {
    erase: async (scope, now) => {
      // First: what is handled from now on is skipped.
      await erasures.add(scope, now);
      const { companyId, userId } = scope;
      const person = userId === undefined ? {} : { user_id: userId };
      const inbox = { company_id: companyId, ...person };
      const about = {
        company_id: companyId,
        ...(userId === undefined ? {} : { 'event.job.user_id': userId }),
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
