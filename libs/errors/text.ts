import type { Language, Texts } from './catalogue-entry.ts';
import { catalogue, type ErrorCode } from './codes.ts';

type Quantity = 'count' | 'bytes' | 'seconds' | 'milliseconds' | 'minutes';

/**
 * Parameters that are numbers, and their units. Events carry their values as text, so that a number is known by the
 * name of its parameter. `job_status` is a word of its own; other parameters, such as ids, are never formatted.
 */
const quantities: ReadonlyMap<string, Quantity> = new Map([
  ['total', 'count'],
  ['cap', 'count'],
  ['limit', 'count'],
  ['matched', 'count'],
  ['written', 'count'],
  ['skipped', 'count'],
  ['row', 'count'],
  ['actual', 'count'],
  ['expected', 'count'],
  ['limit_bytes', 'bytes'],
  ['used_bytes', 'bytes'],
  ['quota_bytes', 'bytes'],
  ['bytes', 'bytes'],
  ['minutes', 'minutes'],
  ['window_seconds', 'seconds'],
  ['retry_after_seconds', 'seconds'],
  ['limit_ms', 'milliseconds'],
]);

/** Words for the parameter `job_status`. */
const jobStatusWords: ReadonlyMap<string, Texts> = new Map([
  ['queued', { en: 'queued', id: 'sedang antre' }],
  ['processing', { en: 'processing', id: 'sedang diproses' }],
  ['completed', { en: 'completed', id: 'sudah selesai' }],
  ['failed', { en: 'failed', id: 'gagal' }],
  ['cancelled', { en: 'cancelled', id: 'dibatalkan' }],
  ['expired', { en: 'expired', id: 'sudah kedaluwarsa' }],
]);

/** Returns a text in a language; a single text is the same in each. */
export function textIn(text: string | Texts, language: Language): string {
  return typeof text === 'string' ? text : text[language];
}

/** Returns the option of a zod check (`refine`) whose message differs by language; `parseWith` of @waybill/http reads it. */
export function inEachLanguage(texts: Texts): { readonly error: string; readonly params: { texts: Texts } } {
  return { error: texts.en, params: { texts } };
}

export function titleText(code: ErrorCode, language: Language): string {
  return catalogue[code].title[language];
}

/**
 * Returns a catalogued text with its parameters, numbers as people read them: `12,500`, `3.6 GiB`, `1 hour`. A
 * parameter without a value stays as it is written.
 */
export function detailText(
  code: ErrorCode,
  params: Readonly<Record<string, string | number>>,
  language: Language,
): string {
  return catalogue[code].detail[language]
    .replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = Object.hasOwn(params, name) ? params[name] : undefined;
      return value === undefined ? whole : valueText(name, value, language);
    })
    .trim();
}

function valueText(name: string, value: string | number, language: Language): string {
  const word = name === 'job_status' ? jobStatusWords.get(String(value)) : undefined;
  if (word !== undefined) return word[language];
  const quantity = quantities.get(name);
  // A count that was stopped at its limit is `> 50000`.
  const [, prefix = '', digits] = /^(> )?(\d+)$/.exec(String(value)) ?? [];
  if (quantity === undefined || digits === undefined) return String(value);
  switch (quantity) {
    case 'count':
      return `${prefix}${number(Number(digits), language)}`;
    case 'bytes':
      return `${prefix}${bytesText(Number(digits), language)}`;
    case 'seconds':
      return `${prefix}${secondsText(Number(digits), language)}`;
    case 'milliseconds':
      return `${prefix}${secondsText(Number(digits) / 1_000, language)}`;
    case 'minutes':
      return `${prefix}${secondsText(60 * Number(digits), language)}`;
  }
}

function number(value: number, language: Language, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(language, options).format(value);
}

/** Returns a size in the largest binary unit that it fills, such as `3.6 GiB`. */
function bytesText(bytes: number, language: Language): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length);
  const unit = units[power - 1];
  if (unit === undefined) {
    return number(bytes, language, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
  }
  return `${number(bytes / 1024 ** power, language, { maximumFractionDigits: 1 })} ${unit}`;
}

/** Returns a duration in hours or minutes if it is long or a whole number of them, such as `1 hour`; never too short. */
function secondsText(seconds: number, language: Language): string {
  const minutes = Math.ceil(seconds / 60);
  const [value, unit] =
    minutes >= 60 && minutes % 60 === 0
      ? [minutes / 60, 'hour']
      : seconds >= 120 || seconds === 60
        ? [minutes, 'minute']
        : [seconds, 'second'];
  return number(value, language, { style: 'unit', unit, unitDisplay: 'long' });
}
