import type { PersonalData } from '@waybill/crypto';
import type { Locale } from '@waybill/domain';
import type { EndedExport } from '../ended-export.ts';
import { exportFacts, requesterFact } from './facts.ts';
import { frameHtml, type Frame } from './frame.ts';
import { number } from './measures.ts';
import { frameText, type Links, type Message } from './message.ts';
import { wordsOf } from './words.ts';

export interface Alert {
  readonly ended: EndedExport;
  readonly requester: PersonalData;
  /** Rows above which the company asks to be told. */
  readonly threshold: number;
  readonly administrator: { readonly name: string; readonly locale: Locale };
}

/**
 * The email to an administrator about a large export, in the administrator's language. It leads to the list of exports
 * and not to the file, and repeats no search terms: both are the requester's.
 */
export function composeAlert({ ended, requester, threshold, administrator }: Alert, links: Links): Message {
  const { locale } = administrator;
  const words = wordsOf(locale);
  const rows = number(rowsOf(ended), locale);
  const lead = words.alert.lead(requester.name ?? requester.email, rows, number(threshold, locale));
  const frame: Frame = {
    language: locale,
    title: words.alert.title,
    preview: lead,
    tone: 'quiet',
    paragraphs: [words.greeting(administrator.name), lead, words.alert.next],
    action: { label: words.alert.action, url: links.exports },
    fallback: words.fallback,
    facts: [requesterFact(requester, words), ...exportFacts(ended, undefined, words, locale)],
    footer: words.alert.footer,
  };
  return { subject: words.alert.subject(rows), html: frameHtml(frame), text: frameText(frame) };
}

/** Rows of the file; none where there is no file. */
export function rowsOf({ result }: EndedExport): number {
  return result.outcome === 'SUCCEEDED' ? result.receipt.written : 0;
}
