import { eventId } from '@waybill/kafka';
import type { Failure, FileFormat } from '@waybill/schemas';
import { limits, type Locale } from '@waybill/vocabulary';
import { templateOf, failureText, type Links } from './email/message.ts';
import { instant, number } from './email/measures.ts';
import { wordsOf } from './email/words.ts';
import type { Template } from './delivery.ts';
import type { EndedExport } from './ended-export.ts';

/**
 * A notification as stored: facts, so that it is told in the language of whoever reads it. All of it but `read_at`
 * follows from one event, so a replay writes the same document.
 */
export interface NotificationDocument {
  /** UUIDv5 of job and attempt. */
  readonly _id: string;
  readonly company_id: string;
  readonly user_id: string;
  readonly job_id: string;
  readonly attempt: number;
  readonly kind: Template;
  readonly layout_name: string;
  readonly format: FileFormat;
  readonly timezone: string;
  readonly rows: number | null;
  readonly file_expires_at: Date | null;
  readonly failure: Failure | null;
  readonly created_at: Date;
  /** Removed after this instant. */
  readonly keep_until: Date;
  readonly read_at: Date | null;
}

/** A notification as the API and other systems show it. */
export interface NotificationView {
  readonly id: string;
  /** The link leads out of the notification's own system. */
  readonly origin: 'external_url';
  readonly kind: Template;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly job_id: string;
  /** ISO 8601. */
  readonly created_at: string;
  readonly read: boolean;
  readonly read_at: string | null;
}

/** The facts of a notification, without the reader's own mark. */
export function notificationOf(ended: EndedExport): Omit<NotificationDocument, 'read_at'> {
  const { job, result } = ended;
  const succeeded = result.outcome === 'SUCCEEDED' ? result : undefined;
  return {
    _id: eventId(ended.jobId, 'notification', ended.attempt),
    company_id: ended.companyId,
    user_id: ended.userId,
    job_id: ended.jobId,
    attempt: ended.attempt,
    kind: templateOf(ended),
    layout_name: job.layout_name,
    format: job.format,
    timezone: job.timezone,
    rows: succeeded?.receipt.written ?? null,
    file_expires_at: succeeded === undefined ? null : new Date(succeeded.file.expires_at),
    failure: result.outcome === 'FAILED' ? result.failure : null,
    created_at: new Date(ended.completedAt),
    keep_until: new Date(ended.completedAt + limits.historyTtlMs),
  };
}

export function notificationView(
  document: NotificationDocument,
  locale: Locale,
  links: Links,
): NotificationView {
  const { title, body } = textOf(document, locale);
  return {
    id: document._id,
    origin: 'external_url',
    kind: document.kind,
    title,
    body,
    url: document.kind === 'export_succeeded' ? links.download : links.exports,
    job_id: document.job_id,
    created_at: document.created_at.toISOString(),
    read: document.read_at !== null,
    read_at: document.read_at?.toISOString() ?? null,
  };
}

function textOf(document: NotificationDocument, locale: Locale): { title: string; body: string } {
  const words = wordsOf(locale);
  switch (document.kind) {
    case 'export_succeeded': {
      const until = document.file_expires_at ?? document.created_at;
      const rows = number(document.rows ?? 0, locale);
      return {
        title: words.succeeded.title,
        body: words.succeeded.notice(rows, instant(until.getTime(), document.timezone, locale)),
      };
    }
    case 'export_failed': {
      const text = failureText(document.failure ?? { code: 'EXPORT_FAILED', detail: '', params: {} }, locale);
      return { title: words.failed.title, body: `${text.title}. ${text.detail}` };
    }
    case 'export_cancelled':
      return { title: words.cancelled.title, body: words.cancelled.lead };
  }
}
