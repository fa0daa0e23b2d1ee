import { limits, type Locale, type UserId } from '@waybill/domain';
import { eventId } from '@waybill/kafka';
import type { Failure, FileFormat } from '@waybill/schemas';
import { localeOf, wordsOf } from '../email/languages.ts';
import type { Links } from '../email/links.ts';
import { instant, number } from '../email/measures.ts';
import { failureText } from '../email/message.ts';
import { rowsOf, templateOf, unknownFailure, type EndedExport, type Template } from '../ended-export.ts';

/**
 * The content of a notification, without its text: the text is written in the reader's language when it is shown. All of
 * it follows from one event, so a replay writes the same.
 */
export interface NotificationContent {
  /** UUIDv5 of job, attempt and reader. */
  readonly _id: string;
  readonly company_id: string;
  /** The reader. */
  readonly user_id: string;
  readonly job_id: string;
  readonly attempt: number;
  readonly kind: Template;
  /** The reader's language, for places without a session. */
  readonly locale: Locale;
  readonly layout_name: string;
  readonly format: FileFormat;
  readonly timezone: string;
  readonly rows: number | null;
  /** Of an alert: rows above which the company asks to be notified. */
  readonly threshold: number | null;
  readonly file_expires_at: Date | null;
  readonly failure: Failure | null;
  readonly created_at: Date;
  /** Removed after this instant. */
  readonly keep_until: Date;
}

export type Publication = 'off' | 'pending' | 'done' | 'refused';

/** What happened to a notification after it was stored. A replay does not change it. */
export interface NotificationState {
  readonly read_at: Date | null;
  /** Whether the other notification system has it; `off` where none is set. */
  readonly publication: Publication;
  /** When it was stored: the order in which open streams send notifications. */
  readonly stored_at: Date;
}

export type NotificationDocument = NotificationContent & NotificationState;

/** A notification as the API and other systems show it. */
export interface NotificationView {
  readonly id: string;
  /** The link leads out of the application that shows the notification. */
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

/** Returns the requester's notification. */
export function notificationOf(ended: EndedExport): NotificationContent {
  return {
    ...common(ended),
    _id: eventId(ended.jobId, 'notification', ended.attempt),
    user_id: ended.userId,
  };
}

/** Returns an administrator's notification about an export above the company's threshold. */
export function alertOf(
  ended: EndedExport,
  administrator: { readonly userId: UserId; readonly locale: Locale },
  threshold: number,
): NotificationContent {
  return {
    ...common(ended),
    _id: eventId(ended.jobId, 'notification', ended.attempt, `export_threshold:${administrator.userId}`),
    user_id: administrator.userId,
    locale: administrator.locale,
    kind: 'export_threshold',
    threshold,
  };
}

function common(ended: EndedExport): Omit<NotificationContent, '_id' | 'user_id'> {
  const { spec, result } = ended;
  return {
    company_id: ended.companyId,
    job_id: ended.jobId,
    attempt: ended.attempt,
    kind: templateOf(ended),
    locale: localeOf(spec.locale),
    layout_name: spec.layout_name,
    format: spec.format,
    timezone: spec.timezone,
    rows: result.outcome === 'SUCCEEDED' ? rowsOf(ended) : null,
    threshold: null,
    file_expires_at: result.outcome === 'SUCCEEDED' ? new Date(result.file.expires_at) : null,
    failure: result.outcome === 'FAILED' ? result.failure : null,
    created_at: new Date(ended.completedAt),
    keep_until: new Date(ended.completedAt + limits.historyTtlMs),
  };
}

/** Returns a notification with its text in that language. */
export function notificationView(
  document: NotificationContent & Pick<NotificationState, 'read_at'>,
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

function textOf(content: NotificationContent, locale: Locale): { title: string; body: string } {
  const words = wordsOf(locale);
  const rows = number(content.rows ?? 0, locale);
  switch (content.kind) {
    case 'export_succeeded': {
      const until = (content.file_expires_at ?? content.created_at).getTime();
      const { title, notice } = words.succeeded;
      return { title, body: notice(rows, instant(until, content.timezone, locale)) };
    }
    case 'export_failed': {
      const text = failureText(content.failure ?? unknownFailure, locale);
      return { title: words.failed.title, body: `${text.title}. ${text.detail}` };
    }
    case 'export_cancelled':
      return { title: words.cancelled.title, body: words.cancelled.lead };
    case 'export_threshold': {
      const { title, notice } = words.alert;
      return { title, body: notice(rows, number(content.threshold ?? 0, locale)) };
    }
  }
}
