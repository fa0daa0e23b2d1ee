/** What notify answers, as schemas: the document shows them, the contract test holds the answers against them. */
import { erasureAnswer } from '@waybill/erasure';
import { z } from 'zod';

const instant = z.iso.datetime();
const count = z.int().min(0);

const notification = z.strictObject({
  id: z.uuid(),
  origin: z.literal('external_url'),
  kind: z.enum(['export_succeeded', 'export_failed', 'export_cancelled', 'export_threshold']),
  title: z.string(),
  body: z.string(),
  url: z.url(),
  job_id: z.string(),
  created_at: instant,
  read: z.boolean(),
  read_at: instant.nullable(),
});

const delivery = z.strictObject({
  id: z.string(),
  job_id: z.string(),
  template: notification.shape.kind,
  state: z.enum(['sending', 'retryable', 'sent', 'stuck']),
  tries: count,
  claimed_at: instant,
  sent_at: instant.nullable(),
  answer: z.string().nullable().describe("The mail server's last word"),
});

const erased = z.strictObject({ notifications: count, deliveries: count });

export const responses = {
  Notifications: z.strictObject({
    data: z.array(notification),
    unread_count: count,
    pagination: z.strictObject({ limit: z.int(), next_cursor: z.string().nullable() }),
  }),
  ReadNotification: z.strictObject({ data: notification, unread_count: count }),
  ReadNotifications: z.strictObject({ marked: count, unread_count: count }),
  StuckDeliveries: z.strictObject({ data: z.array(delivery) }),
  ResentDelivery: z.strictObject({
    data: delivery.extend({ outcome: z.strictObject({ kind: z.string(), code: z.string().optional() }) }),
  }),
  Erasure: erasureAnswer(erased),
};
