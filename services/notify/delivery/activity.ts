import { eventId } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/mongo';
import type { ExportActivity } from '@waybill/schemas';
import type { EmailTask } from './deliver-email.ts';

/** The product event of an email that was accepted: one for each delivery, so its id follows from the delivery's. */
export function notificationSent(
  { ended, template, traceparent }: Pick<EmailTask, 'ended' | 'template' | 'traceparent'>,
  deliveryId: string,
  at: number,
): OutboxEntry {
  const name = 'cdp_export_notification_sent';
  const event: ExportActivity = {
    company_id: ended.companyId,
    job_id: ended.jobId,
    name,
    user_id: ended.userId,
    at,
    attributes: { channel: 'email', template, format: ended.job.format, attempt: String(ended.attempt) },
    personal: null,
  };
  return {
    id: eventId(ended.jobId, name, ended.attempt, deliveryId),
    topic: 'export.activity',
    type: name,
    key: ended.companyId,
    company_id: ended.companyId,
    attempt: ended.attempt,
    event,
    at,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
