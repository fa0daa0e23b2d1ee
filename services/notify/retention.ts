/** Removes data: after its time (the sweep) and on request (the erasure). */
import { erasedId, type Eraser, type Tombstones } from '@waybill/erasure';
import { stored } from '@waybill/mongo';
import type { Logger } from '@waybill/observability';
import type { SweepRun } from '@waybill/service';
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
}

/**
 * Marks deliveries as stuck whose sender crashed, removes what has expired, and dispatches notifications that the other
 * notification system has not accepted yet.
 */
export async function sweep(deps: SweepDeps, { step, now, signal }: SweepRun): Promise<void> {
  await step('stuck deliveries', () => markStuck(deps, now));
  const notifications = await step('notifications', () => deps.notifications.removeExpired(now));
  const deliveries = await step('deliveries', () => deps.deliveries.removeExpired(now));
  const erasures = await step('erasures', () => deps.erasures.removePast(now));
  if (notifications + deliveries + erasures > 0) {
    deps.logger.info({ notifications, deliveries, erasures }, 'expired documents removed');
  }
  await step('pending notifications', async () => {
    await deps.dispatcher.dispatchPending(signal);
    return 0;
  });
}

async function markStuck({ deliveries, stuckAfterMs, logger }: SweepDeps, now: Date): Promise<number> {
  const stuck = await deliveries.markStuck(new Date(now.getTime() - stuckAfterMs));
  for (const { _id, job_id, company_id, template } of stuck) {
    logger.error({ delivery_id: _id, job_id, company_id, template }, 'delivery marked as stuck');
  }
  return stuck.length;
}

export interface ErasureCounts {
  readonly notifications: number;
  /** Deliveries that still held an event of the person, or that named the company. */
  readonly deliveries: number;
}

/**
 * Erases a person or a company. Delivery records stay as hashes, so that a replay does not send an email again. The answers
 * of the mail server to the person's emails are removed, because some contain the address.
 */
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
      const person = [{ 'event.spec.user_id': userId }, { 'outbox.event.user_id': userId }];
      const naming = { company_id: companyId, ...(userId === undefined ? {} : { $or: person }) };
      const unsent = { ...naming, event: { $ne: null } };
      const jobs = await stored(notifications.distinct('job_id', inbox));
      await stored(
        deliveries.updateMany({ company_id: companyId, job_id: { $in: jobs } }, { $set: { answer: null } }),
      );
      const waiting = { ...unsent, state: { $ne: 'sending' as const } };
      const withdrawn = { event: null, state: 'withdrawn' as const, next_attempt_at: null };
      const found = await stored(deliveries.countDocuments(naming));
      await stored(deliveries.updateMany(waiting, { $set: withdrawn }));
      // The result of a send that is under way is still recorded; if it failed, the next try withdraws the delivery.
      const nobody = {
        event: null,
        outbox: [],
        outbox_pending: false,
        ...(userId === undefined ? { company_id: erasedId, answer: null } : {}),
      };
      await stored(deliveries.updateMany(naming, { $set: nobody }));
      const removed = {
        notifications: (await stored(notifications.deleteMany(inbox))).deletedCount,
        deliveries: found,
      };
      const remaining = {
        notifications: await stored(notifications.countDocuments(inbox)),
        deliveries: await stored(deliveries.countDocuments(naming)),
      };
      return { removed, remaining };
    },
  };
}
