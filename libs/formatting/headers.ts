import type { Column, FormatterOptions } from './types.ts';

/** Words that the formatter adds to headers itself. */
export const CURRENCY_WORD: Readonly<Record<FormatterOptions['locale'], string>> = {
  en: 'currency',
  id: 'mata uang',
};

/** A header before it is joined: `title`, then `suffix` in brackets. */
export interface Heading {
  readonly name: string;
  readonly title: string;
  /** The zone of a datetime, or the word for a currency's code. */
  readonly suffix?: string;
}

/** A later round distinguishes headers that an earlier one made equal. Names that still repeat stay equal. */
const MAX_ROUNDS = 3;

/** Returns the alias of each column, or its name without one; aliases that occur twice get their name in brackets. */
export function titlesOf(columns: readonly Column[]): readonly string[] {
  const headings = columns.map(({ name, header }) => ({ name, title: header === '' ? name : header }));
  return distinct(headings).map(({ title }) => title);
}

/** Returns the finished headers. They differ unless two columns have the same name. */
export function headersOf(headings: readonly Heading[]): readonly string[] {
  return distinct(headings).map(headerOf);
}

function distinct(headings: readonly Heading[]): readonly Heading[] {
  let current = headings;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const counts = countEach(current.map(headerOf));
    if (counts.size === current.length) break;
    current = current.map((heading) =>
      counts.get(headerOf(heading)) === 1
        ? heading
        : { ...heading, title: `${heading.title} (${heading.name})` },
    );
  }
  return current;
}

function headerOf({ title, suffix }: Heading): string {
  return suffix === undefined ? title : `${title} (${suffix})`;
}

function countEach(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
