/** The schemas of requests and responses: routes validate with them, and the OpenAPI document is generated from them. */
import { erasureAnswer } from '@waybill/erasure';
import { z } from 'zod';
import { deliveryStates } from '../delivery/delivery.ts';

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  unread: z.stringbool().default(false),
  cursor: z.string().max(200).optional(),
});

/** Without ids, all notifications are marked as read. */
export const readBody = z.strictObject({
  ids: z.array(z.string().min(1).max(64)).min(1).max(100).optional(),
});

export const deliveryQuery = z.strictObject({
  state: z.enum(['stuck', 'failed', 'scheduled']).default('stuck'),
});

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
  state: z.enum(deliveryStates),
  tries: count,
  next_attempt_at: instant.nullable().describe('When a scheduled email is tried again'),
  attempted_at: instant.nullable().describe('When the latest try started'),
  sent_at: instant.nullable(),
  answer: z.string().nullable().describe("The mail server's latest answer, or why the email was not sent"),
  cause: z.string().nullable().describe('The code of what ended a failed email'),
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
  Deliveries: z.strictObject({ data: z.array(delivery) }),
  ResentDelivery: z.strictObject({ data: delivery }),
  Erasure: erasureAnswer(erased),
};
