/** The schemas of requests and responses: routes validate with them, and the OpenAPI document is generated from them. */
import { erasureAnswer } from '@waybill/erasure';
import { cursorPaginationSchema, failureSchema, pageQuery } from '@waybill/http';
import { z } from 'zod';
import { deliveryStates } from '../delivery/delivery.ts';

export const listQuery = z.strictObject({
  unread: z.stringbool().default(false),
  ...pageQuery,
});

/** Without ids, all notifications are marked as read. */
export const readBody = z.strictObject({
  ids: z.array(z.string().min(1).max(64)).min(1).max(100).optional(),
});

export const deliveryQuery = z.strictObject({
  state: z.enum(['stuck', 'failed', 'scheduled']).default('stuck'),
  ...pageQuery,
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
  failure: failureSchema.nullable().describe('What ended a failed email'),
});

const erased = z.strictObject({ notifications: count, deliveries: count });

export const responses = {
  Notifications: z.strictObject({
    data: z.array(notification),
    unread_count: count,
    pagination: cursorPaginationSchema,
  }),
  ReadNotification: notification,
  ReadNotifications: z.strictObject({ marked: count, unread_count: count }),
  Deliveries: z.strictObject({ data: z.array(delivery), pagination: cursorPaginationSchema }),
  ResentDelivery: delivery,
  Erasure: erasureAnswer(erased),
};
