import { amountText, percentRatio, type Cell, type SheetColumn, type StyledCell } from '@waybill/formatting';
import { template, type ByteSink, type Template } from '../byte-sink.ts';
import { MAX_NUMBER_BYTES, putNumber, putSerial, putWhole } from '../digits.ts';
import { columnLetters } from './reference.ts';
import { unknownCell } from '../row-errors.ts';
import type { TallyKeeper } from '../tally.ts';
import { STYLE, styledValue, type Styles } from './styles.ts';
import type { SharedStrings } from './shared-strings.ts';
import { cutToCell, hasOuterSpace, putXmlText } from './text.ts';

/** Room for a cell's markup and any number in it; text reserves its own. */
const CELL_BYTES = MAX_NUMBER_BYTES + 112;

const ROW_OPEN = template('<row r="');
const ROW_OPEN_END = template('">');
const ROW_CLOSE = template('</row>');
const TEXT = template('" t="inlineStr"><is><t>');
const SPACED_TEXT = template('" t="inlineStr"><is><t xml:space="preserve">');
const TEXT_CLOSE = template('</t></is></c>');
const HEADER = template(`" s="${STYLE.header}" t="inlineStr"><is><t xml:space="preserve">`);
const SHARED = template('" t="s"><v>');
const SHARED_HEADER = template(`" s="${STYLE.header}" t="s"><v>`);
const NUMBER = styledValue(STYLE.number);
const PERCENTAGE = styledValue(STYLE.percentage);
const DATE = styledValue(STYLE.date);
const DATETIME = styledValue(STYLE.datetime);
const VALUE_CLOSE = template('</v></c>');
const TRUE = template('" t="b"><v>1</v></c>');
const FALSE = template('" t="b"><v>0</v></c>');
const PADDING = template('        ');

/** The buffer that rows are written into, and what is recorded about them. */
export interface RowXmlDeps {
  readonly sink: ByteSink;
  readonly tally: TallyKeeper;
  readonly styles: Styles;
  readonly shared: SharedStrings;
}

/** Writes rows as `<row>` elements (ECMA-376 §18.3.1.73): a reference on every cell, nothing for empty ones. */
export class RowXml {
  readonly #sink: ByteSink;
  readonly #tally: TallyKeeper;
  readonly #styles: Styles;
  readonly #shared: SharedStrings;
  readonly #opening: readonly Template[];
  /** The digits of the row's number as one word, so that each cell's reference is two stores. */
  #rowWord = 0;
  #rowDigits = 0;

  constructor(columns: readonly SheetColumn[], { sink, tally, styles, shared }: RowXmlDeps) {
    this.#sink = sink;
    this.#tally = tally;
    this.#styles = styles;
    this.#shared = shared;
    this.#opening = columns.map((_, at) => template(`<c r="${columnLetters(at)}`));
  }

  header(headers: readonly string[]): void {
    this.#open(1);
    headers.forEach((header, column) => {
      const text = cutToCell(header);
      const start = this.#sink.length;
      if (this.#text(column, HEADER, text) > 0) this.#share(column, text, { start, opening: SHARED_HEADER });
    });
    // A header is not a value: its replaced characters are not counted.
    this.#sink.replaced = 0;
    this.#sink.template(ROW_CLOSE);
  }

  /**
   * Writes row `number` of the sheet, counted from 1.
   * @throws ExportError `SHEET_CELL_UNKNOWN`; the sink then holds a part of the row.
   */
  row(cells: readonly Cell[], number: number): void {
    this.#open(number);
    for (let column = 0; column < cells.length; column++) {
      const cell = cells[column];
      if (cell === null) continue;
      if (typeof cell === 'string') this.#value(column, cell);
      else if (typeof cell === 'number') this.#number(column, NUMBER, cell);
      else if (typeof cell === 'boolean') this.#plain(column, cell ? TRUE : FALSE);
      else this.#styled(column, cell);
    }
    this.#sink.template(ROW_CLOSE);
  }

  #styled(column: number, cell: StyledCell | undefined): void {
    switch (cell?.kind) {
      case 'text':
        if (cell.asText) this.#tally.asText(column);
        {
          this.#value(column, cell.text);
          return;
        }
      case 'percentage': {
        this.#number(column, PERCENTAGE, percentRatio(this.#finite(column, cell.percent)));
        return;
      }
      case 'currency': {
        const opening = this.#styles.currency(cell.currency);
        if (opening !== undefined) {
          this.#number(column, opening, cell.value);
          return;
        }
        this.#tally.asText(column);
        this.#value(column, `${cell.currency.code} ${amountText(cell)}`);
        return;
      }
      case 'date': {
        this.#serial(column, DATE, cell.day, 0);
        return;
      }
      case 'datetime': {
        this.#serial(column, DATETIME, cell.day, cell.second);
        return;
      }
      default:
        throw unknownCell(this.#tally.rows + 1, column, cell);
    }
  }

  /** Rejects NaN and the infinities, which no file can hold. */
  #finite(column: number, value: number): number {
    if (Number.isFinite(value)) return value;
    throw unknownCell(this.#tally.rows + 1, column, value);
  }

  #open(number: number): void {
    const sink = this.#sink;
    sink.reserve(CELL_BYTES);
    sink.template(ROW_OPEN);
    const start = sink.length;
    putWhole(sink, number);
    this.#rowDigits = sink.length - start;
    // Pads the word with spaces: bytes left over from another row could make it a NaN.
    sink.template(PADDING);
    this.#rowWord = sink.view.getFloat64(start, true);
    sink.length = start + this.#rowDigits;
    sink.template(ROW_OPEN_END);
  }

  #plain(column: number, rest: Template): void {
    const sink = this.#sink;
    sink.reserve(CELL_BYTES);
    const opening = this.#opening[column];
    if (opening === undefined) return;
    sink.template(opening);
    sink.view.setFloat64(sink.length, this.#rowWord, true);
    sink.length += this.#rowDigits;
    sink.template(rest);
  }

  #number(column: number, opening: Template, value: number): void {
    this.#plain(column, opening);
    putNumber(this.#sink, this.#finite(column, value));
    this.#sink.template(VALUE_CLOSE);
  }

  #serial(column: number, opening: Template, day: number, second: number): void {
    this.#plain(column, opening);
    putSerial(this.#sink, day, second);
    this.#sink.template(VALUE_CLOSE);
  }

  #value(column: number, text: string): void {
    const cut = cutToCell(text);
    if (cut.length < text.length) this.#tally.truncated(column);
    const sink = this.#sink;
    const start = sink.length;
    const escapes = this.#text(column, hasOuterSpace(cut) ? SPACED_TEXT : TEXT, cut);
    if (escapes > 0) this.#share(column, cut, { start, opening: SHARED });
    if (sink.replaced === 0) return;
    this.#tally.replaced(column, sink.replaced);
    sink.replaced = 0;
  }

  /** Moves a text that was written inline from `at.start` on to the shared strings, if there is room. */
  #share(column: number, text: string, at: { readonly start: number; readonly opening: Template }): void {
    const index = this.#shared.add(text);
    if (index === undefined) return;
    this.#sink.length = at.start;
    this.#number(column, at.opening, index);
  }

  #text(column: number, opening: Template, text: string): number {
    this.#plain(column, opening);
    const escapes = putXmlText(this.#sink, text);
    this.#sink.template(TEXT_CLOSE);
    return escapes;
  }
}
