import type { Locale } from '@waybill/domain';
import { english } from './words-en.ts';
import { indonesian } from './words-id.ts';
import type { Words } from './words.ts';

const words: Readonly<Record<Locale, Words>> = { en: english, id: indonesian };

export function wordsOf(locale: Locale): Words {
  return words[locale];
}

/** Returns the job's language. An older event may name one that is not supported: it gets English. */
export function localeOf(text: string): Locale {
  return text === 'id' ? 'id' : 'en';
}
