/** Describes the selection in words. */
import { filterOperators, periods, sources, type Locale } from '@waybill/domain';
import type { ExportSpec } from '@waybill/schemas';
import { z } from 'zod';
import { day, number } from './measures.ts';
import type { Words } from './words.ts';

/** Returns the name of a field that people read. */
export type FieldName = (field: string) => string;

/**
 * The parts of the criterion that are described. The event may be older than this code, so an unknown part is left out;
 * the email is sent all the same.
 */
const criterionShape = z.object({
  search: z.string().optional().catch(undefined),
  filters: z
    .array(
      z
        .object({ field: z.string(), op: z.enum(filterOperators), value: z.unknown() })
        .nullable()
        .catch(null),
    )
    .catch([]),
});

/** The words of an email, and the names of the company's fields, in one language. */
export interface Wording {
  readonly words: Words;
  readonly locale: Locale;
  readonly fieldName: FieldName;
}

/** Returns one sentence for each filter, the search first. */
export function filterSentences(
  criterion: unknown,
  { words, locale, fieldName }: Wording,
): readonly string[] {
  const parsed = criterionShape.safeParse(criterion ?? {});
  if (!parsed.success) return [];
  const { search, filters } = parsed.data;
  const sentences = filters.flatMap((filter) => {
    if (filter === null) return [];
    const field = fieldName(filter.field);
    if (filter.op === 'exists' && filter.value === false) return [words.absent(field)];
    return [words.operators[filter.op](field, valueText(filter.value, words, locale))];
  });
  return search === undefined || search.trim() === '' ? sentences : [words.search(search), ...sentences];
}

function valueText(value: unknown, words: Words, locale: Locale): string {
  if (Array.isArray(value)) {
    const texts = value.map((item: unknown) => valueText(item, words, locale));
    return new Intl.ListFormat(locale, { type: 'disjunction' }).format(texts);
  }
  if (typeof value === 'string') return `“${value}”`;
  if (typeof value === 'number') return number(value, locale);
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** Describes the requested period; undefined where there was none. */
export function periodSentence(spec: ExportSpec, words: Words, locale: Locale): string | undefined {
  const preset = periods.find((period) => period === spec.period);
  if (preset !== undefined) return words.periods[preset];
  const from = spec.start_date === null ? undefined : day(spec.start_date, locale);
  const to = spec.end_date === null ? undefined : day(spec.end_date, locale);
  if (from !== undefined && to !== undefined) return words.between(from, to);
  if (from !== undefined) return words.since(from);
  return to === undefined ? undefined : words.until(to);
}

/** Returns the labels of the requested sources; undefined where all were requested. */
export function sourceSentence(spec: ExportSpec): string | undefined {
  if (spec.sources.length === 0) return undefined;
  const label = (value: string) => sources.find((source) => source.value === value)?.label ?? value;
  return spec.sources.map(label).join(', ');
}
