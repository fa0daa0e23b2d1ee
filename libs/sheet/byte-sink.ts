/**
 * Constant ASCII text, kept as 8-byte words: a template of 23 bytes is three stores instead of 23. ASCII bytes never
 * make a NaN (its top byte would be 0x7F, DEL), so no word is changed on its way through a double.
 */
export interface Template {
  readonly words: Float64Array;
  readonly length: number;
}

const WORD = 8;

/**
 * `codeUnitAt.call(text, index)` is `text.charCodeAt(index)` without looking the method up: V8 has a dozen kinds of strings,
 * remembers four of them at a place of the code, and with a fifth looks the method up for every character, which doubled
 * the time of a CSV file. It has to be a constant of the file that uses it: V8 does not see through an import.
 */
// eslint-disable-next-line @typescript-eslint/unbound-method -- only ever called with its receiver
const codeUnitAt = String.prototype.charCodeAt;

/** Compiles ASCII text. */
export function template(text: string): Template {
  const count = Math.ceil(text.length / WORD);
  const bytes = Buffer.alloc(count * WORD, ' ');
  bytes.write(text, 'latin1');
  const words = new Float64Array(count);
  for (let at = 0; at < count; at++) words[at] = bytes.readDoubleLE(at * WORD);
  return { words, length: text.length };
}

const REPLACEMENT = 0xfffd;

/**
 * UTF-8 bytes under construction in one reused buffer. Methods do not check for room: call `reserve` with an upper
 * bound first. Templates store whole words, so up to 7 bytes after the end may be overwritten; `reserve` allows for it.
 */
export class ByteSink {
  length = 0;
  /** Code units that UTF-8 or XML 1.0 cannot hold and that became U+FFFD. The caller reads and resets it. */
  replaced = 0;
  bytes: Buffer;
  view: DataView;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count + WORD > this.bytes.length) this.#grow(count);
  }

  /** Continues in another buffer, from its start. */
  moveTo(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.length = 0;
  }

  template({ words, length }: Template): void {
    const view = this.view;
    let at = this.length;
    for (let word = 0; word < words.length; word++) {
      view.setFloat64(at, words[word] ?? 0, true);
      at += WORD;
    }
    this.length += length;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** Writes text that is known to be ASCII and short. */
  ascii(text: string): void {
    const bytes = this.bytes;
    let at = this.length;
    const length = text.length;
    for (let index = 0; index < length; index++) bytes[at++] = codeUnitAt.call(text, index);
    this.length = at;
  }

  /**
   * Writes the character at `index` whose first code unit is `unit` ≥ 0x80, in at most 4 bytes. Lone surrogates, U+FFFE and
   * U+FFFF become U+FFFD.
   * @returns how many code units the character has: 1 or 2.
   */
  wide(text: string, index: number, unit: number): 1 | 2 {
    if (unit < 0x800) {
      this.byte(0xc0 | (unit >> 6));
      this.byte(0x80 | (unit & 0x3f));
      return 1;
    }
    if (unit < 0xd800 || (unit > 0xdfff && unit < 0xfffe)) {
      this.#threeBytes(unit);
      return 1;
    }
    const low = unit < 0xdc00 ? text.charCodeAt(index + 1) : 0;
    if (low >= 0xdc00 && low <= 0xdfff) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
      this.byte(0xf0 | (point >> 18));
      this.byte(0x80 | ((point >> 12) & 0x3f));
      this.byte(0x80 | ((point >> 6) & 0x3f));
      this.byte(0x80 | (point & 0x3f));
      return 2;
    }
    this.replacement();
    return 1;
  }

  /** Writes U+FFFD in place of a code unit and counts it. */
  replacement(): void {
    this.replaced++;
    this.#threeBytes(REPLACEMENT);
  }

  #threeBytes(unit: number): void {
    this.byte(0xe0 | (unit >> 12));
    this.byte(0x80 | ((unit >> 6) & 0x3f));
    this.byte(0x80 | (unit & 0x3f));
  }

  #grow(count: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count + WORD));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
