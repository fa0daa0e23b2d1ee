import { catalogue, type ErrorCode, type Language } from './codes.ts';

/** A catalogued text with its parameters filled in; a parameter without a value stays as it is written. */
function fill(template: string, params: Readonly<Record<string, string | number>>): string {
  return template
    .replace(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(params, name) ? String(params[name]) : whole,
    )
    .trim();
}

export function titleText(code: ErrorCode, language: Language): string {
  return catalogue[code].title[language];
}

export function detailText(
  code: ErrorCode,
  params: Readonly<Record<string, string | number>>,
  language: Language,
): string {
  return fill(catalogue[code].detail[language], params);
}
