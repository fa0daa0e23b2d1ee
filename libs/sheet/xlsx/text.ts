import { template, type ByteSink } from '../byte-sink.ts';

/** `charCodeAt` without a look-up per character: see byte-sink.ts. */
// eslint-disable-next-line @typescript-eslint/unbound-method -- only ever called with its receiver
const codeUnitAt = String.prototype.charCodeAt;

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
const ASCII = 128;

const AMP = template('&amp;');
const LT = template('&lt;');
const GT = template('&gt;');
/** A parser would make a bare CR a LF (XML 1.0 §2.11), but not a reference to it. Unlike `_x000D_`, all readers know it. */
const CR = template('&#13;');
/** An underscore in the form that ST_Xstring has for any character (ECMA-376 §22.9.2.19). */
const ESCAPED_UNDERSCORE = template('_x005F_');

/** What a reader takes for an escaped character: `_x`, four hexadecimal digits, `_`. */
const ESCAPE_FORM = /_x[0-9A-Fa-f]{4}_/y;

/** 1 for every code unit that is not the one byte that it looks like, or that needs a look. */
const SPECIAL = new Uint8Array(65_536).fill(1, ASCII);
SPECIAL.fill(1, 0, SPACE);
for (const unit of [AMPERSAND, LESS, GREATER, UNDERSCORE]) SPECIAL[unit] = 1;
for (const unit of [TAB, LINE_FEED]) SPECIAL[unit] = 0;

/** Returns the text as a cell can hold it: its first 32,767 code units, never half of a surrogate pair. */
export function cutToCell(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const last = text.charCodeAt(MAX_CHARACTERS - 1);
  const next = text.charCodeAt(MAX_CHARACTERS);
  const splitsPair = last >= 0xd800 && last < 0xdc00 && next >= 0xdc00 && next < 0xe000;
  return text.slice(0, splitsPair ? MAX_CHARACTERS - 1 : MAX_CHARACTERS);
}

/** Returns whether a reader would drop white space at the ends unless `xml:space="preserve"` says otherwise. */
export function hasOuterSpace(text: string): boolean {
  return codeUnitAt.call(text, 0) <= SPACE || codeUnitAt.call(text, text.length - 1) <= SPACE;
}

/**
 * Writes text as XML 1.0 character data: markup escaped, CR kept, what looks like an ST_Xstring escape escaped. Characters that
 * XML 1.0 §2.2 forbids become U+FFFD, which `sink.replaced` counts.
 */
export function putXmlText(sink: ByteSink, text: string): void {
  // The concatenation shows V8 that it is a string, so that V8 does not look up `length`.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-conversion -- see csv-text.ts
  const length = ('' + text).length;
  sink.reserve(length * MAX_BYTES_PER_UNIT);
  const bytes = sink.bytes;
  let at = sink.length;
  let index = 0;
  while (index < length) {
    const unit = codeUnitAt.call(text, index);
    if (SPECIAL[unit] === 0) {
      bytes[at++] = unit;
      index++;
    } else {
      sink.length = at;
      if (unit >= ASCII) {
        index += sink.wide(text, index, unit);
      } else {
        putSpecial(sink, text, index, unit);
        index++;
      }
      at = sink.length;
    }
  }
  sink.length = at;
}

function putSpecial(sink: ByteSink, text: string, index: number, unit: number): void {
  if (unit === UNDERSCORE) putUnderscore(sink, text, index);
  else if (unit === AMPERSAND) sink.template(AMP);
  else if (unit === LESS) sink.template(LT);
  else if (unit === GREATER) sink.template(GT);
  else if (unit === RETURN) sink.template(CR);
  else sink.replacement();
}

/** Escapes an underscore that a reader would take for the start of an escaped character, such as `_x0041_` for A. */
function putUnderscore(sink: ByteSink, text: string, index: number): void {
  ESCAPE_FORM.lastIndex = index;
  if (ESCAPE_FORM.test(text)) sink.template(ESCAPED_UNDERSCORE);
  else sink.byte(UNDERSCORE);
}

/** Returns a short text as XML, for attributes and small elements. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
