import { eventId } from '@waybill/kafka';
import type { Failure, FileFormat } from '@waybill/schemas';
import { limits, type Locale, type UserId } from '@waybill/domain';
import type { Template } from '../delivery/delivery.ts';
import { rowsOf } from '../email/alert-message.ts';
import { instant, number } from '../email/measures.ts';
import { failureText, templateOf, type Links } from '../email/message.ts';
import { localeOf, wordsOf } from '../email/words.ts';
import type { EndedExport } from '../ended-export.ts';

/**
 * What a notification says, as facts, so that it is told in the language of whoever reads it. All of it follows from one
 * event, so a replay writes the same.
 */
export interface NotificationFacts {
  /** UUIDv5 of job, attempt and reader. */
  readonly _id: string;
  readonly company_id: string;
  /** The reader. */
  readonly user_id: string;
  readonly job_id: string;
  readonly attempt: number;
  readonly kind: Template;
  /** The reader's language where no session says it. */
  readonly locale: Locale;
  readonly layout_name: string;
  readonly format: FileFormat;
  readonly timezone: string;
  readonly rows: number | null;
  /** Of an alert: rows above which the company asks to be told. */
  readonly threshold: number | null;
  readonly file_expires_at: Date | null;
  readonly failure: Failure | null;
  readonly created_at: Date;
  /** Removed after this instant. */
  readonly keep_until: Date;
}

export type Publication = 'off' | 'pending' | 'done' | 'refused';

/** What happened to it since; a replay leaves it alone. */
export interface NotificationMarks {
  readonly read_at: Date | null;
  /** Whether another system has it; `off` where none is to be told. */
  readonly publication: Publication;
  /** When it was stored here: the order in which open streams tell of it. */
  readonly stored_at: Date;
}

export type NotificationDocument = NotificationFacts & NotificationMarks;

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

/** To the requester, about the export's end. */
export function notificationOf(ended: EndedExport): NotificationFacts {
  return {
    ...common(ended),
    _id: eventId(ended.jobId, 'notification', ended.attempt),
    user_id: ended.userId,
  };
}

/** To an administrator, about an export above the company's threshold. */
export function alertOf(
  ended: EndedExport,
  administrator: { readonly userId: UserId; readonly locale: Locale },
  threshold: number,
): NotificationFacts {
  return {
    ...common(ended),
    _id: eventId(ended.jobId, 'notification', ended.attempt, `export_threshold:${administrator.userId}`),
    user_id: administrator.userId,
    locale: administrator.locale,
    kind: 'export_threshold',
    threshold,
  };
}

function common(ended: EndedExport): Omit<NotificationFacts, '_id' | 'user_id'> {
  const { job, result } = ended;
  return {
    company_id: ended.companyId,
    job_id: ended.jobId,
    attempt: ended.attempt,
    kind: templateOf(ended),
    locale: localeOf(job.locale),
    layout_name: job.layout_name,
    format: job.format,
    timezone: job.timezone,
    rows: result.outcome === 'SUCCEEDED' ? rowsOf(ended) : null,
    threshold: null,
    file_expires_at: result.outcome === 'SUCCEEDED' ? new Date(result.file.expires_at) : null,
    failure: result.outcome === 'FAILED' ? result.failure : null,
    created_at: new Date(ended.completedAt),
    keep_until: new Date(ended.completedAt + limits.historyTtlMs),
  };
}

export function notificationView(
  document: NotificationFacts & Pick<NotificationMarks, 'read_at'>,
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

function textOf(facts: NotificationFacts, locale: Locale): { title: string; body: string } {
  const words = wordsOf(locale);
  const rows = number(facts.rows ?? 0, locale);
  switch (facts.kind) {
    case 'export_succeeded': {
      const until = (facts.file_expires_at ?? facts.created_at).getTime();
      const { title, notice } = words.succeeded;
      return { title, body: notice(rows, instant(until, facts.timezone, locale)) };
    }
    case 'export_failed': {
      const text = failureText(facts.failure ?? { code: 'EXPORT_FAILED', detail: '', params: {} }, locale);
      return { title: words.failed.title, body: `${text.title}. ${text.detail}` };
    }
    case 'export_cancelled':
      return { title: words.cancelled.title, body: words.cancelled.lead };
    case 'export_threshold': {
      const { title, notice } = words.alert;
      return { title, body: notice(rows, number(facts.threshold ?? 0, locale)) };
    }
  }
}
