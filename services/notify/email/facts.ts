/** The two tables of an email as labels and values; frame.ts renders them. */
import type { Receipt } from '@waybill/schemas';
import type { EndedExport, Result } from '../ended-export.ts';
import { filterSentences, periodSentence, sourceSentence, type Wording } from './filters.ts';
import { instant, number, size } from './measures.ts';
import type { Words } from './words.ts';

export interface Fact {
  readonly label: string;
  /** One line each. */
  readonly lines: readonly string[];
  /** A long code, such as a hash, that is shown in a fixed-width font. */
  readonly isCode?: boolean;
}

/** Returns what was exported, the most asked-for facts first. */
export function exportFacts(ended: EndedExport, criterion: unknown, wording: Wording): readonly Fact[] {
  const { spec, result } = ended;
  const { words, locale } = wording;
  const { labels } = words;
  const excluded = spec.excluded_count;
  return [
    ...fileFacts(result, wording, spec.timezone),
    fact(
      labels.selection,
      words.selection[spec.selection_mode],
      excluded === 0 ? undefined : words.excluded(number(excluded, locale)),
    ),
    fact(labels.layout, spec.layout_name),
    fact(labels.filters, ...filterSentences(criterion, wording)),
    fact(labels.period, periodSentence(spec, words, locale)),
    fact(labels.sources, sourceSentence(spec)),
    fact(labels.fields, number(spec.fields.length, locale)),
    result.outcome === 'SUCCEEDED' ? undefined : fact(labels.format, spec.format.toUpperCase()),
    fact(labels.timezone, spec.timezone),
    fact(labels.requested, instant(spec.requested_at, spec.timezone, locale)),
    fact(labels.jobId, ended.jobId),
  ].filter((each) => each !== undefined);
}

/** Returns the facts about the file. They come first, because people look for them. */
function fileFacts(
  result: Result,
  { words, locale }: Wording,
  timezone: string,
): readonly (Fact | undefined)[] {
  if (result.outcome !== 'SUCCEEDED') return [];
  const { file, receipt } = result;
  const { labels } = words;
  const skipped = number(receipt.skipped, locale);
  return [
    fact(labels.file, file.name),
    fact(labels.rows, number(receipt.written, locale)),
    fact(labels.skipped, receipt.skipped === 0 ? skipped : words.skippedNote(skipped)),
    fact(labels.size, `${size(file.bytes, locale)} (${receipt.format.toUpperCase()})`),
    fact(labels.expires, instant(file.expires_at, timezone, locale)),
  ];
}

/** Returns who requested the export, for an administrator. */
export function requesterFact(
  person: { readonly email: string; readonly name?: string },
  words: Words,
): Fact {
  const lines = person.name === undefined ? [person.email] : [person.name, person.email];
  return { label: words.labels.requester, lines };
}

/** Returns the complete receipt. */
export function receiptFacts(receipt: Receipt, { words, locale, fieldName }: Wording): readonly Fact[] {
  const count = (value: number) => number(value, locale);
  const tally = (value: Receipt['cells_as_text']) => [
    count(value.total),
    ...Object.entries(value.by_field).map(([field, cells]) => `${fieldName(field)}: ${count(cells)}`),
  ];
  const { receipt: labels } = words;
  return [
    { label: labels.matched, lines: [count(receipt.matched)] },
    { label: labels.written, lines: [count(receipt.written)] },
    { label: labels.skipped, lines: [count(receipt.skipped)] },
    { label: labels.truncated, lines: tally(receipt.cells_truncated) },
    { label: labels.asText, lines: tally(receipt.cells_as_text) },
    { label: labels.replaced, lines: tally(receipt.characters_replaced) },
    { label: labels.fields, lines: [receipt.fields.map(fieldName).join(', ')] },
    { label: labels.snapshot, lines: [instant(receipt.snapshot_at, receipt.timezone, locale)] },
    ...(receipt.timezone_database === null
      ? []
      : [{ label: labels.timezoneDatabase, lines: [receipt.timezone_database] }]),
    { label: labels.bytes, lines: [count(receipt.bytes)] },
    { label: labels.sha256, lines: [receipt.sha256], isCode: true },
    { label: labels.attempt, lines: [count(receipt.attempt)] },
  ];
}

function fact(label: string, ...lines: readonly (string | undefined)[]): Fact | undefined {
  const present = lines.flatMap((line) => (line === undefined || line === '' ? [] : [line]));
  return present.length === 0 ? undefined : { label, lines: present };
}
