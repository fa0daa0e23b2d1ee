/** Who can fix an error: a user corrects the request, a system fault needs an operator. */
export type Fault = 'user' | 'system';

export type Language = 'en' | 'id';

/** A text for people in each language. */
export type Texts = Readonly<Record<Language, string>>;

/** The language of a reader whose language is not known. */
export const defaultLanguage: Language = 'en';

/** The entry of one code. Texts contain parameters in braces; see `quantities` in text.ts for those with a unit. */
export interface CatalogueEntry {
  /** HTTP status that the code answers with. */
  readonly status: number;
  readonly fault: Fault;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  readonly title: Texts;
  /** What is wrong and what to do about it. */
  readonly detail: Texts;
}

/** Returns the entry of a fault that the user corrects. */
export function user(status: number, title: [string, string], detail: [string, string]): CatalogueEntry {
  return entry(status, 'user', false, title, detail);
}

/** Returns the entry of a fault of the system that may pass. */
export function system(status: number, title: [string, string], detail: [string, string]): CatalogueEntry {
  return entry(status, 'system', true, title, detail);
}

/** Returns the entry of a fault of the system that the same request gets again. */
export function fatal(title: [string, string], detail: [string, string]): CatalogueEntry {
  return entry(500, 'system', false, title, detail);
}

/** Returns any other entry; each pair of texts is English, then Indonesian. */
export function entry(
  status: number,
  fault: Fault,
  retryable: boolean,
  title: [string, string],
  detail: [string, string],
): CatalogueEntry {
  return {
    status,
    fault,
    retryable,
    title: { en: title[0], id: title[1] },
    detail: { en: detail[0], id: detail[1] },
  };
}
