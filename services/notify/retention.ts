import type { Tombstones } from '@waybill/erasure';
import type { Logger } from '@waybill/observability';
import type { Announcer } from './outbound/dispatcher.ts';
import type { DeliveryStore } from './delivery/delivery-store.ts';
import type { NotificationStore } from './inbox/notification-store.ts';

export interface SweeperParts {
  readonly deliveries: DeliveryStore;
  readonly notifications: NotificationStore;
  readonly erasures: Tombstones;
  readonly announcer: Announcer;
  readonly stuckAfterMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/**
 * One sweep: deliveries whose sender crashed become stuck and are reported, what another system has not taken is
 * offered again, what is past its time is removed. @throws ExportError SERVICE_UNAVAILABLE while MongoDB is away.
 */
export async function sweep(parts: SweeperParts): Promise<void> {
  const now = new Date(parts.now());
  const stranded = await parts.deliveries.strand(new Date(now.getTime() - parts.stuckAfterMs));
  for (const { _id, job_id, company_id, template } of stranded) {
    parts.logger.error({ delivery_id: _id, job_id, company_id, template }, 'delivery is stuck');
  }
  const notifications = await parts.notifications.removePast(now);
  const deliveries = await parts.deliveries.removePast(now);
  const erasures = await parts.erasures.removePast(now);
  if (notifications + deliveries + erasures > 0) {
    parts.logger.info({ notifications, deliveries, erasures }, 'swept');
  }
  await parts.announcer.catchUp(parts.signal);
}
