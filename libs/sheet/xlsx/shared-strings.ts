import { ByteSink, template } from '../byte-sink.ts';
import { putXmlText } from './text.ts';

/** What the table may hold; it stays in memory until the end of the file. */
const MAX_BYTES = 4 * 1024 * 1024;

const HEAD =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
  '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';
const ITEM = template('<si><t xml:space="preserve">');
const ITEM_END = template('</t></si>');
const TAIL = template('</sst>');

/**
 * The shared strings of a workbook (ECMA-376 §18.4.9). Cells have their text inline, all but those in which something
 * looks like an escaped character, `_x0041_`: exceljs and openpyxl take the escape away from shared strings only, so
 * this is the one form in which such a text comes back as itself from every reader. Few texts are like that.
 */
export class SharedStrings {
  readonly #indexes = new Map<string, number>();
  readonly #sink = new ByteSink(1024);

  constructor() {
    this.#sink.reserve(HEAD.length);
    this.#sink.ascii(HEAD);
  }

  get isEmpty(): boolean {
    return this.#indexes.size === 0;
  }

  /** Returns the index of a text, or `undefined` when the table is full: the text is then inline. */
  add(text: string): number | undefined {
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    if (this.#sink.length + text.length > MAX_BYTES) return undefined;
    const index = this.#indexes.size;
    this.#sink.reserve(ITEM.length + ITEM_END.length);
    this.#sink.template(ITEM);
    putXmlText(this.#sink, text);
    this.#sink.reserve(ITEM_END.length);
    this.#sink.template(ITEM_END);
    this.#indexes.set(text, index);
    return index;
  }

  /** Returns the part `xl/sharedStrings.xml`. */
  xml(): Buffer {
    this.#sink.reserve(TAIL.length);
    this.#sink.template(TAIL);
    return Buffer.from(this.#sink.bytes.subarray(0, this.#sink.length));
  }
}
