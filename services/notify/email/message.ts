import type { PersonalData } from '@waybill/crypto';
import type { Locale } from '@waybill/domain';
import { detailText, isErrorCode, titleText } from '@waybill/errors';
import type { Failure } from '@waybill/schemas';
import { rowsOf, type EndedExport } from '../ended-export.ts';
import { exportFacts, receiptFacts, requesterFact } from './facts.ts';
import type { FieldName, Wording } from './filters.ts';
import { renderMessage, type Frame, type Message } from './frame.ts';
import { localeOf, wordsOf } from './languages.ts';
import type { Links } from './links.ts';
import { fieldTitle, number } from './measures.ts';

/** The requester's data that the email shows, from the event's sealed part. */
export interface Reader {
  readonly name?: string | undefined;
  readonly criterion?: unknown;
  /** The names of the company's fields in the job's language; made of the stored names if it is left out. */
  readonly fieldName?: FieldName;
}

/** Composes the requester's email about an ended export, in the job's language. */
export function composeMessage(ended: EndedExport, reader: Reader, links: Links): Message {
  const locale = localeOf(ended.spec.locale);
  const words = wordsOf(locale);
  const wording = { words, locale, fieldName: reader.fieldName ?? fieldTitle };
  const content = contentOf(ended, wording, links);
  return renderMessage({
    ...content,
    language: locale,
    paragraphs: [words.greeting(reader.name), ...content.paragraphs],
    facts: exportFacts(ended, reader.criterion, wording),
    fallback: words.fallback,
    footer: words.footer,
  });
}

type Content = Pick<Frame, 'subject' | 'title' | 'preview' | 'tone' | 'paragraphs' | 'action' | 'receipt'>;

function contentOf(ended: EndedExport, wording: Wording, links: Links): Content {
  const { words, locale } = wording;
  const { result, spec } = ended;
  switch (result.outcome) {
    case 'SUCCEEDED': {
      const rows = number(result.receipt.written, locale);
      const lead = words.succeeded.lead(rows);
      const { title, explain } = words.receipt;
      return {
        subject: words.succeeded.subject(rows, spec.format.toUpperCase()),
        title: words.succeeded.title,
        preview: lead,
        tone: 'good',
        paragraphs: [lead],
        action: {
          label: words.succeeded.action,
          url: links.download,
          note: words.succeeded.linkNote,
        },
        receipt: { title, explain, facts: receiptFacts(result.receipt, wording) },
      };
    }
    case 'FAILED': {
      const failure = failureText(result.failure, locale);
      return {
        subject: words.failed.subject(failure.title),
        title: words.failed.title,
        preview: failure.detail,
        tone: 'bad',
        paragraphs: [`${failure.title}. ${failure.detail}`, words.failed.lead, words.failed.next],
        action: { label: words.failed.action, url: links.exports },
      };
    }
    case 'CANCELLED':
      return {
        subject: words.cancelled.subject,
        title: words.cancelled.title,
        preview: words.cancelled.lead,
        tone: 'quiet',
        paragraphs: [words.cancelled.lead, words.cancelled.next],
        action: { label: words.cancelled.action, url: links.exports },
      };
  }
}

export interface Alert {
  readonly ended: EndedExport;
  readonly requester: PersonalData;
  /** Rows above which the company asks to be notified. */
  readonly threshold: number;
  readonly administrator: { readonly name: string; readonly locale: Locale };
}

/**
 * Composes the email to an administrator about a large export, in the administrator's language. It leads to the list of
 * exports instead of the file and leaves out the search terms: both belong to the requester.
 */
export function composeAlert({ ended, requester, threshold, administrator }: Alert, links: Links): Message {
  const { locale } = administrator;
  const words = wordsOf(locale);
  const rows = number(rowsOf(ended), locale);
  const lead = words.alert.lead(requester.name ?? requester.email, rows, number(threshold, locale));
  return renderMessage({
    subject: words.alert.subject(rows),
    language: locale,
    title: words.alert.title,
    preview: lead,
    tone: 'quiet',
    paragraphs: [words.greeting(administrator.name), lead, words.alert.next],
    action: { label: words.alert.action, url: links.exports },
    fallback: words.fallback,
    facts: [
      requesterFact(requester, words),
      ...exportFacts(ended, undefined, { words, locale, fieldName: fieldTitle }),
    ],
    footer: words.alert.footer,
  });
}

/** Returns the catalogue's texts of a failure. A code of a newer catalogue gets the texts of EXPORT_FAILED. */
export function failureText(
  failure: Failure,
  locale: Locale,
): { readonly title: string; readonly detail: string } {
  const code = isErrorCode(failure.code) ? failure.code : 'EXPORT_FAILED';
  return { title: titleText(code, locale), detail: detailText(code, failure.params, locale) };
}
