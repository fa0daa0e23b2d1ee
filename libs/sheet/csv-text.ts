import { isFormulaLike } from '@waybill/formatting';
import type { ByteSink } from './byte-sink.ts';

const QUOTE = 34;
const APOSTROPHE = 39;
const RETURN = 13;
const LINE_FEED = 10;
const TAB = 9;
const SPACE = 32;

/** What a character asks for: nothing, quotes around its field, or U+FFFD in its place. */
const PLAIN = 0;
const QUOTED = 1;
const FORBIDDEN = 2;

/** A `"` is doubled; beyond ASCII a code unit takes up to three bytes. Quotes and guard take three more. */
const MAX_BYTES_PER_UNIT = 3;
const EXTRA_BYTES = 3;

/** The first character beyond ASCII, apart from U+00A0, that is white space or a full-width form. */
const FIRST_WIDE_SUSPECT = 0x1680;

/** ASCII characters that a formula may start with, alone or before the character that makes it one. */
const SUSPECT = new Uint8Array(128);
for (const character of '\t\n\v\f\r "\'=+-@') SUSPECT[character.charCodeAt(0)] = 1;

/** Writes fields as RFC 4180 has them: quoted where they hold the delimiter, a quote or a line break. */
export class CsvText {
  readonly #sink: ByteSink;
  readonly #classes = new Uint8Array(128);

  constructor(sink: ByteSink, delimiter: number) {
    this.#sink = sink;
    for (let unit = 0; unit < SPACE; unit++) this.#classes[unit] = FORBIDDEN;
    this.#classes[TAB] = PLAIN;
    for (const unit of [QUOTE, RETURN, LINE_FEED, delimiter]) this.#classes[unit] = QUOTED;
  }

  /** Text that a program must not take for a formula. */
  guarded(text: string): void {
    const first = text.charCodeAt(0);
    const suspect = first < 128 ? SUSPECT[first] === 1 : first === 0xa0 || first >= FIRST_WIDE_SUSPECT;
    this.#field(text, suspect && isFormulaLike(text));
  }

  /** Text that stands as it is, such as a number's. */
  unguarded(text: string): void {
    this.#field(text, false);
  }

  /** Text in quotes, whatever it holds. */
  quoted(text: string): void {
    this.#sink.reserve(text.length * MAX_BYTES_PER_UNIT + EXTRA_BYTES);
    this.#quote(text, isFormulaLike(text));
  }

  #field(text: string, guard: boolean): void {
    const sink = this.#sink;
    sink.reserve(text.length * MAX_BYTES_PER_UNIT + EXTRA_BYTES);
    const { bytes, length: start, replaced } = sink;
    const classes = this.#classes;
    if (guard) sink.byte(APOSTROPHE);
    let at = sink.length;
    let index = 0;
    while (index < text.length) {
      const unit = text.charCodeAt(index);
      const known = unit < 128 ? classes[unit] : FORBIDDEN;
      if (known === PLAIN) {
        bytes[at++] = unit;
        index++;
      } else if (known === QUOTED) {
        // Seldom enough that starting over costs less than looking first.
        sink.length = start;
        sink.replaced = replaced;
        this.#quote(text, guard);
        return;
      } else {
        sink.length = at;
        index += this.#other(text, index, unit);
        at = sink.length;
      }
    }
    sink.length = at;
  }

  #quote(text: string, guard: boolean): void {
    const sink = this.#sink;
    sink.byte(QUOTE);
    if (guard) sink.byte(APOSTROPHE);
    let index = 0;
    while (index < text.length) {
      const unit = text.charCodeAt(index);
      if (unit >= 128 || this.#classes[unit] === FORBIDDEN) {
        index += this.#other(text, index, unit);
        continue;
      }
      if (unit === QUOTE) sink.byte(QUOTE);
      sink.byte(unit);
      index++;
    }
    sink.byte(QUOTE);
  }

  #other(text: string, index: number, unit: number): 1 | 2 {
    if (unit >= 128) return this.#sink.wide(text, index, unit);
    this.#sink.replacement();
    return 1;
  }
}
