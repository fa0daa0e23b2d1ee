import { template, type ByteSink } from './byte-sink.ts';

/** The most characters of a cell (Excel's specifications and limits), in UTF-16 code units as Excel counts them. */
const MAX_CHARACTERS = 32_767;

/** Bytes that one code unit takes at most: `_` that must be escaped, as `_x005F_`. */
const MAX_BYTES_PER_UNIT = 7;

const AMPERSAND = 38;
const LESS = 60;
const GREATER = 62;
const UNDERSCORE = 95;
const RETURN = 13;
const LINE_FEED = 10;
const TAB = 9;
const SPACE = 32;

const AMP = template('&amp;');
const LT = template('&lt;');
const GT = template('&gt;');
/** A parser would make a bare CR a LF (XML 1.0 §2.11); ST_Xstring has this form for it (ECMA-376 §22.9.2.19). */
const CR = template('_x000D_');
/** The underscore itself, in the same form. */
const ESCAPED_UNDERSCORE = template('_x005F_');

/** What a reader takes for an escaped character: `_x`, four hexadecimal digits, `_`. */
const ESCAPE_FORM = /_x[0-9A-Fa-f]{4}_/y;

/** 1 for every ASCII character that XML text cannot hold as it is, or that needs a look. */
const SPECIAL = new Uint8Array(128);
for (let unit = 0; unit < SPACE; unit++) SPECIAL[unit] = 1;
for (const unit of [AMPERSAND, LESS, GREATER, UNDERSCORE]) SPECIAL[unit] = 1;
for (const unit of [TAB, LINE_FEED]) SPECIAL[unit] = 0;

/** The text as a cell can hold it: its first 32,767 characters, never half of one. */
export function cutToCell(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const last = text.charCodeAt(MAX_CHARACTERS - 1);
  const next = text.charCodeAt(MAX_CHARACTERS);
  const splitsPair = last >= 0xd800 && last < 0xdc00 && next >= 0xdc00 && next < 0xe000;
  return text.slice(0, splitsPair ? MAX_CHARACTERS - 1 : MAX_CHARACTERS);
}

/** Whether a reader would drop white space at the ends unless `xml:space="preserve"` says otherwise. */
export function hasOuterSpace(text: string): boolean {
  return text.charCodeAt(0) <= SPACE || text.charCodeAt(text.length - 1) <= SPACE;
}

/**
 * Text as XML 1.0 character data that reads back as itself: markup escaped, CR kept, what looks like an ST_Xstring
 * escape escaped. Characters that XML 1.0 §2.2 forbids become U+FFFD, which `sink.replaced` counts.
 */
export function putXmlText(sink: ByteSink, text: string): void {
  sink.reserve(text.length * MAX_BYTES_PER_UNIT);
  const bytes = sink.bytes;
  let at = sink.length;
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit < 128 && SPECIAL[unit] === 0) {
      bytes[at++] = unit;
      index++;
    } else {
      sink.length = at;
      index += unit < 128 ? putSpecial(sink, text, index, unit) : sink.wide(text, index, unit);
      at = sink.length;
    }
  }
  sink.length = at;
}

function putSpecial(sink: ByteSink, text: string, index: number, unit: number): 1 {
  if (unit === UNDERSCORE) putUnderscore(sink, text, index);
  else if (unit === AMPERSAND) sink.template(AMP);
  else if (unit === LESS) sink.template(LT);
  else if (unit === GREATER) sink.template(GT);
  else if (unit === RETURN) sink.template(CR);
  else sink.replacement();
  return 1;
}

function putUnderscore(sink: ByteSink, text: string, index: number): void {
  ESCAPE_FORM.lastIndex = index;
  if (ESCAPE_FORM.test(text)) sink.template(ESCAPED_UNDERSCORE);
  else sink.byte(UNDERSCORE);
}

/** A short text as XML, for attributes and small parts. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
