import type { Logger } from '@waybill/logging';
import type { DeliveryStore } from './delivery-store.ts';
import type { NotificationStore } from './notification-store.ts';

export interface SweeperParts {
  readonly deliveries: DeliveryStore;
  readonly notifications: NotificationStore;
  readonly stuckAfterMs: number;
  readonly logger: Logger;
  readonly now: () => number;
}

/**
 * One sweep: deliveries whose sender crashed become stuck and are reported, what is past its time is removed.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export async function sweep(parts: SweeperParts): Promise<void> {
  const now = parts.now();
  const stranded = await parts.deliveries.strand(new Date(now - parts.stuckAfterMs));
  for (const { _id, job_id, company_id, template } of stranded) {
    parts.logger.error({ delivery_id: _id, job_id, company_id, template }, 'delivery is stuck');
  }
  const notifications = await parts.notifications.removePast(new Date(now));
  const deliveries = await parts.deliveries.removePast(new Date(now));
  if (notifications + deliveries > 0) parts.logger.info({ notifications, deliveries }, 'swept');
}
