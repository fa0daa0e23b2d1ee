import { eventId } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/store';
import type { ExportActivity } from '@waybill/schemas';
import type { Template } from './delivery.ts';
import type { EndedExport } from './ended-export.ts';

/** The product event of an email that was accepted. Its id follows from job, attempt and template. */
export function notificationSent(
  ended: EndedExport,
  template: Template,
  at: number,
  traceparent: string | undefined,
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
    id: eventId(ended.jobId, name, ended.attempt, template),
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
