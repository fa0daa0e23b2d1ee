/** Formats numbers, sizes and instants in the language of the email. */
import type { Locale } from '@waybill/domain';

export function number(value: number, locale: Locale): string {
  return new Intl.NumberFormat(locale).format(value);
}

const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Formats bytes in decimal units (1 MB = 1,000,000 bytes), with one digit after the point from KB on. */
export function size(bytes: number, locale: Locale): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: power === 0 ? 0 : 1 });
  return `${format.format(bytes / 1000 ** power)} ${units[power] ?? 'B'}`;
}

/** Formats an instant with its time zone, such as `26 November 2026, 14:05 (GMT+7, Asia/Jakarta)`. */
export function instant(at: number, timezone: string, locale: Locale): string {
  const language = locale === 'id' ? 'id-ID' : 'en-GB';
  const date = new Date(at);
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: timezone }).format(date);
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: timezone }).format(date);
  return `${day}, ${time} (${offset(date, timezone)}, ${timezone})`;
}

function offset(date: Date, timezone: string): string {
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'shortOffset' });
  const name = format.formatToParts(date).find(({ type }) => type === 'timeZoneName');
  return name?.value ?? timezone;
}

/** Formats a calendar day given as YYYY-MM-DD; returns any other text unchanged. */
export function day(text: string, locale: Locale): string {
  const date = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return text;
  const language = locale === 'id' ? 'id-ID' : 'en-GB';
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

/** Returns `First name` for `first_name`, for a field that the company no longer has. */
export function fieldTitle(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}
