import { isFormulaLike } from '@waybill/formatting';
import type { ByteSink } from '../byte-sink.ts';

/** `charCodeAt` without a look-up per character: see byte-sink.ts. */
// eslint-disable-next-line @typescript-eslint/unbound-method -- only ever called with its receiver
const codeUnitAt = String.prototype.charCodeAt;

const QUOTE = 34;
const APOSTROPHE = 39;
const RETURN = 13;
const LINE_FEED = 10;
const TAB = 9;
const SPACE = 32;
const ASCII = 128;
const UNITS = 65_536;

/** What a code unit asks for: nothing, quotes around its field, U+FFFD in its place, or more than one byte. */
const PLAIN = 0;
const QUOTED = 1;
const FORBIDDEN = 2;
const WIDE = 3;

/** A `"` is doubled; beyond ASCII a code unit takes up to three bytes. Quotes and guard take three more. */
const MAX_BYTES_PER_UNIT = 3;
const EXTRA_BYTES = 3;

/** Beyond U+00A0 the first white space is U+1680; from there on the guard looks at every text. */
const FIRST_WIDE_SPACE = 0x1680;
const NO_BREAK_SPACE = 0xa0;

/** 1 for every code unit that a formula may start with, alone or before the character that makes it one. */
const SUSPECT = new Uint8Array(UNITS).fill(1, FIRST_WIDE_SPACE);
for (const character of '\t\n\v\f\r "\'=+-@') SUSPECT[character.charCodeAt(0)] = 1;
SUSPECT[NO_BREAK_SPACE] = 1;

/** Returns the length of a text. The concatenation shows V8 that it is a string, so that V8 does not look up `length`. */
function lengthOf(text: string): number {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-conversion -- 3 % of the time of a CSV file
  return ('' + text).length;
}

/** Writes fields as RFC 4180 has them: quoted where they hold the delimiter, a quote or a line break. */
export class CsvText {
  readonly #sink: ByteSink;
  /** One entry for every code unit there is, so that the loop over a text has one look-up and no comparison. */
  readonly #classes = new Uint8Array(UNITS).fill(WIDE, ASCII);
  /** The same within quotes, where a delimiter and a line break are nothing special. */
  readonly #within = new Uint8Array(UNITS).fill(WIDE, ASCII);

  constructor(sink: ByteSink, delimiter: number) {
    this.#sink = sink;
    this.#classes.fill(FORBIDDEN, 0, SPACE);
    this.#classes[TAB] = PLAIN;
    this.#within.set(this.#classes);
    for (const unit of [QUOTE, RETURN, LINE_FEED, delimiter]) this.#classes[unit] = QUOTED;
    for (const unit of [RETURN, LINE_FEED, delimiter]) this.#within[unit] = PLAIN;
    this.#within[QUOTE] = QUOTED;
  }

  /** Writes text that a program must not take for a formula. */
  guarded(text: string): void {
    if (SUSPECT[codeUnitAt.call(text, 0)] === 1 && isFormulaLike(text)) this.#special(text, true, 0);
    else this.unguarded(text);
  }

  /** Writes text without the guard, such as a number's. */
  unguarded(text: string): void {
    const sink = this.#sink;
    const classes = this.#classes;
    const length = lengthOf(text);
    sink.reserve(length);
    const bytes = sink.bytes;
    const start = sink.length;
    for (let index = 0; index < length; index++) {
      const unit = codeUnitAt.call(text, index);
      const known = classes[unit];
      if (known !== PLAIN) {
        this.#special(text, false, index);
        return;
      }
      bytes[start + index] = unit;
    }
    sink.length = start + length;
  }

  /** Writes text in quotes, with the guard if it needs it. */
  quoted(text: string): void {
    this.#reserve(text);
    this.#quote(text, isFormulaLike(text));
  }

  /** Writes a text that has a guard, or at `from` or later a character that is more than a byte to copy. */
  #special(text: string, guard: boolean, from: number): void {
    this.#reserve(text);
    if (this.#needsQuotes(text, from)) {
      this.#quote(text, guard);
      return;
    }
    if (guard) this.#sink.byte(APOSTROPHE);
    this.#body(text);
  }

  #needsQuotes(text: string, from: number): boolean {
    const classes = this.#classes;
    const length = text.length;
    for (let index = from; index < length; index++) {
      if (classes[codeUnitAt.call(text, index)] === QUOTED) return true;
    }
    return false;
  }

  #quote(text: string, guard: boolean): void {
    const sink = this.#sink;
    sink.byte(QUOTE);
    if (guard) sink.byte(APOSTROPHE);
    this.#body(text);
    sink.byte(QUOTE);
  }

  /** Writes the characters of a text, quotes doubled: a text without quotes around it has no quotes inside. */
  #body(text: string): void {
    const sink = this.#sink;
    const bytes = sink.bytes;
    const within = this.#within;
    const length = text.length;
    let at = sink.length;
    let index = 0;
    while (index < length) {
      const unit = codeUnitAt.call(text, index);
      if (within[unit] === PLAIN) {
        bytes[at++] = unit;
        index++;
      } else {
        sink.length = at;
        index += this.#character(text, index, unit);
        at = sink.length;
      }
    }
    sink.length = at;
  }

  #character(text: string, index: number, unit: number): 1 | 2 {
    const sink = this.#sink;
    if (unit >= ASCII) return sink.wide(text, index, unit);
    if (unit === QUOTE) {
      sink.byte(QUOTE);
      sink.byte(QUOTE);
    } else {
      sink.replacement();
    }
    return 1;
  }

  #reserve(text: string): void {
    this.#sink.reserve(text.length * MAX_BYTES_PER_UNIT + EXTRA_BYTES);
  }
}
