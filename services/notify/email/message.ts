import { detailText, isErrorCode, titleText } from '@waybill/errors';
import type { Failure } from '@waybill/schemas';
import type { Locale } from '@waybill/domain';
import type { Template } from '../delivery/delivery.ts';
import type { EndedExport } from '../ended-export.ts';
import { exportFacts, receiptFacts, type Fact } from './facts.ts';
import { frameHtml, type Frame } from './frame.ts';
import { number } from './measures.ts';
import { localeOf, wordsOf, type Words } from './words.ts';

/** An email without its envelope. */
export interface Message {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Where the email leads. Neither address carries any authority: both ask for a session. */
export interface Links {
  readonly download: string;
  /** The page that lists exports. */
  readonly exports: string;
}

/** The reader, out of the event's sealed part. */
export interface Reader {
  readonly name?: string | undefined;
  readonly criterion?: unknown;
}

const templates: Readonly<Record<EndedExport['result']['outcome'], Exclude<Template, 'export_threshold'>>> = {
  SUCCEEDED: 'export_succeeded',
  FAILED: 'export_failed',
  CANCELLED: 'export_cancelled',
};

/** The template of what the requester gets. */
export function templateOf(ended: EndedExport): Exclude<Template, 'export_threshold'> {
  return templates[ended.result.outcome];
}

/** The email about an export's end, in the job's language. Same input, same bytes. */
export function composeMessage(ended: EndedExport, reader: Reader, links: Links): Message {
  const locale = localeOf(ended.job.locale);
  const words = wordsOf(locale);
  const { subject, ...rest } = parts(ended, words, locale, links);
  const frame: Frame = {
    ...rest,
    language: locale,
    paragraphs: [words.greeting(reader.name), ...rest.paragraphs],
    facts: exportFacts(ended, reader.criterion, words, locale),
    fallback: words.fallback,
    footer: words.footer,
  };
  return { subject, html: frameHtml(frame), text: frameText(frame) };
}

type Parts = Pick<Frame, 'title' | 'preview' | 'tone' | 'paragraphs' | 'action' | 'receipt'> & {
  readonly subject: string;
};

function parts(ended: EndedExport, words: Words, locale: Locale, links: Links): Parts {
  const { result, job } = ended;
  switch (result.outcome) {
    case 'SUCCEEDED': {
      const rows = number(result.receipt.written, locale);
      const lead = words.succeeded.lead(rows);
      const { title, explain } = words.receipt;
      return {
        subject: words.succeeded.subject(rows, job.format.toUpperCase()),
        title: words.succeeded.title,
        preview: lead,
        tone: 'good',
        paragraphs: [lead],
        action: {
          label: words.succeeded.action,
          url: links.download,
          note: words.succeeded.linkNote,
        },
        receipt: { title, explain, facts: receiptFacts(result.receipt, words, locale) },
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

/** The catalogue's words; a code of a newer catalogue is told as a failure in general. */
export function failureText(
  failure: Failure,
  locale: Locale,
): { readonly title: string; readonly detail: string } {
  const code = isErrorCode(failure.code) ? failure.code : 'EXPORT_FAILED';
  const params = Object.fromEntries(
    Object.entries(failure.params).map(([name, value]) => [name, readable(value, locale)]),
  );
  return { title: titleText(code, locale), detail: detailText(code, params, locale) };
}

/** Counts of four digits and more with their separators; anything else as it is. */
function readable(value: string, locale: Locale): string {
  return /^\d{4,15}$/.test(value) ? number(Number(value), locale) : value;
}

/** The same content for readers that show no HTML. */
export function frameText(frame: Frame): string {
  const { action, receipt } = frame;
  const lines = [
    frame.title,
    '',
    ...frame.paragraphs.flatMap((paragraph) => [paragraph, '']),
    `${action.label}: ${action.url}`,
    ...(action.note === undefined ? [] : [action.note]),
    '',
    ...factLines(frame.facts),
  ];
  if (receipt !== undefined) {
    lines.push('', receipt.title, receipt.explain, ...factLines(receipt.facts));
  }
  return `${[...lines, '', '--', frame.footer].join('\n')}\n`;
}

function factLines(facts: readonly Fact[]): readonly string[] {
  return facts.flatMap(({ label, lines }) => {
    const [first, ...rest] = lines;
    return [`${label}: ${first ?? ''}`, ...rest.map((line) => `  ${line}`)];
  });
}
