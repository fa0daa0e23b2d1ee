import type { Receiver } from '@waybill/outbound';
import type { NotificationView } from '../inbox/notification.ts';

/** A notification as the other notification system gets it. */
export interface ExportNotification extends Pick<
  NotificationView,
  'id' | 'origin' | 'kind' | 'title' | 'body' | 'url' | 'job_id' | 'created_at'
> {
  readonly company_id: string;
  readonly user_id: string;
}

/** Port to the other notification system: the product's own. */
export interface NotificationPublisher {
  /**
   * Resolves once the other system has accepted it. The other system recognises a repetition by the notification's id.
   * @throws ExportError RECEIVER_UNAVAILABLE, RECEIVER_REFUSED.
   */
  publish(notification: ExportNotification, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** The path that is posted to, below the setting NOTIFICATION_PUBLISHER_URL. */
export const publisherPath = '/notif/v1/notifications';

export function createHttpPublisher(receiver: Receiver): NotificationPublisher {
  return {
    publish: (notification, { signal }) =>
      receiver.post({ body: notification, idempotencyKey: notification.id, signal }),
  };
}
