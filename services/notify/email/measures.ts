/** Numbers, sizes and instants as a reader of the email's language writes them. */
import type { Locale } from '@waybill/domain';

export function number(value: number, locale: Locale): string {
  return new Intl.NumberFormat(locale).format(value);
}

const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Decimal units (1 MB = 1,000,000 bytes), one digit after the point from KB on. */
export function size(bytes: number, locale: Locale): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: power === 0 ? 0 : 1 });
  return `${format.format(bytes / 1000 ** power)} ${units[power] ?? 'B'}`;
}

/** Such as `26 November 2026, 14:05 (GMT+7, Asia/Jakarta)`: nobody has to guess whose clock is meant. */
export function instant(at: number, timezone: string, locale: Locale): string {
  const language = locale === 'id' ? 'id-ID' : 'en-GB';
  const date = new Date(at);
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: timezone }).format(date);
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: timezone }).format(date);
  return `${day}, ${time} (${offset(date, timezone)}, ${timezone})`;
}

function offset(date: Date, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    timeZoneName: 'shortOffset',
  }).formatToParts(date);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? timezone;
}

/** A calendar day given as YYYY-MM-DD. */
export function day(text: string, locale: Locale): string {
  const date = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return text;
  const language = locale === 'id' ? 'id-ID' : 'en-GB';
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

/** `first_name` as a person reads it: `First name`. The event carries names, not the labels of the layout. */
export function fieldTitle(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}
