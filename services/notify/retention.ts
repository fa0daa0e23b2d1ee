/** Removes data: after its time (the sweep) and on request (the erasure). */
import type { Eraser, Tombstones } from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import type { Logger } from '@waybill/observability';
import type { DeliveryStore } from './delivery/delivery-store.ts';
import type { NotificationStore } from './inbox/notification-store.ts';
import type { Collections } from './indexes.ts';
import type { Dispatcher } from './outbound/dispatcher.ts';

export interface SweepDeps {
  readonly deliveries: DeliveryStore;
  readonly notifications: NotificationStore;
  readonly erasures: Tombstones;
  readonly dispatcher: Dispatcher;
  readonly stuckAfterMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/**
 * Does one sweep: marks deliveries as stuck whose sender crashed, removes what has expired, and dispatches notifications
 * that the other notification system has not accepted yet.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export async function sweep(deps: SweepDeps): Promise<void> {
  const { logger } = deps;
  const now = deps.now();
  const stuck = await deps.deliveries.markStuck(new Date(now.getTime() - deps.stuckAfterMs));
  for (const { _id, job_id, company_id, template } of stuck) {
    logger.error({ delivery_id: _id, job_id, company_id, template }, 'delivery marked as stuck');
  }
  const notifications = await deps.notifications.removeExpired(now);
  const deliveries = await deps.deliveries.removeExpired(now);
  const erasures = await deps.erasures.removePast(now);
  if (notifications + deliveries + erasures > 0) {
    logger.info({ notifications, deliveries, erasures }, 'expired documents removed');
  }
  await deps.dispatcher.dispatchPending(deps.signal);
}

export interface ErasureCounts {
  readonly notifications: number;
  /** Deliveries that still held the event of their email. */
  readonly deliveries: number;
}

/** Erases a person or a company. Delivery records stay as hashes, so that a replay does not send an email again. */
export function createEraser(
  { notifications, deliveries }: Pick<Collections, 'notifications' | 'deliveries'>,
  erasures: Tombstones,
): Eraser<ErasureCounts> {
  return {
    erase: async (scope, now) => {
      // The tombstone comes first, so that events handled from now on are skipped.
      await erasures.add(scope, now);
      const { companyId, userId } = scope;
      const inbox = { company_id: companyId, ...(userId === undefined ? {} : { user_id: userId }) };
      const unsent = {
        company_id: companyId,
        ...(userId === undefined ? {} : { 'event.spec.user_id': userId }),
        event: { $ne: null },
      };
      const waiting = { ...unsent, state: { $ne: 'sending' as const } };
      const withdrawn = { event: null, state: 'withdrawn' as const, next_attempt_at: null };
      const removed = {
        notifications: (await stored(notifications.deleteMany(inbox))).deletedCount,
        deliveries:
          (await stored(deliveries.updateMany(waiting, { $set: withdrawn }))).modifiedCount +
          // The result of a send that is under way is still recorded; if it failed, the next try withdraws the delivery.
          (await stored(deliveries.updateMany(unsent, { $set: { event: null } }))).modifiedCount,
      };
      const remaining = {
        notifications: await stored(notifications.countDocuments(inbox)),
        deliveries: await stored(deliveries.countDocuments(unsent)),
      };
      return { removed, remaining };
    },
  };
}
