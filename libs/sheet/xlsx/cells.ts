import { amountText, percentRatio, type Cell, type SheetColumn, type StyledCell } from '@waybill/formatting';
import { template, type ByteSink, type Template } from '../byte-sink.ts';
import { MAX_NUMBER_BYTES, putNumber, putSerial, putWhole } from '../digits.ts';
import { columnLetters } from './reference.ts';
import { unknownCell } from '../row-errors.ts';
import type { TallyKeeper } from '../tally.ts';
import type { ReceiptRow } from '../types.ts';
import { STYLE, type Styles } from './styles.ts';
import { cutToCell, hasOuterSpace, putXmlText } from './text.ts';

/** Room for a cell's markup and any number in it; text reserves its own. */
const CELL_BYTES = MAX_NUMBER_BYTES + 112;

/** Excel shows `####` for a longer text in a cell of the format `@`. */
const MAX_TEXT_FORMAT = 255;
/** A smaller fraction would be shown as `0.0`. */
const SMALLEST_SHOWN_FRACTION = 1e-4;

const ROW_OPEN = template('<row r="');
const ROW_OPEN_END = template('">');
const ROW_CLOSE = template('</row>');
const TEXT_CLOSE = template('</t></is></c>');
const GENERAL = valueOpening('');
const INTEGER = valueOpening(style(STYLE.integer));
const FRACTION = valueOpening(style(STYLE.fraction));
const PERCENTAGE = valueOpening(style(STYLE.percentage));
const DATE = valueOpening(style(STYLE.date));
const DATETIME = valueOpening(style(STYLE.datetime));
const VALUE_CLOSE = template('</v></c>');
const TRUE = template('" t="b"><v>1</v></c>');
const FALSE = template('" t="b"><v>0</v></c>');
const PADDING = template('        ');

/** What stands between a cell's reference and its text, by the length of the text and by white space at its ends. */
interface TextMarkup {
  readonly plain: Template;
  readonly spaced: Template;
  readonly long: Template;
  readonly longSpaced: Template;
}

const TEXT = textMarkup(style(STYLE.text), '');
const WRAPPED_TEXT = textMarkup(style(STYLE.wrappedText), style(STYLE.wrapped));
const HEADER = textMarkup(style(STYLE.header), style(STYLE.header));

/** The buffer that rows are written into, and what is recorded about them. */
export interface RowXmlDeps {
  readonly sink: ByteSink;
  readonly tally: TallyKeeper;
  readonly styles: Styles;
}

/** Writes rows as `<row>` elements (ECMA-376 §18.3.1.73): a reference on every cell, nothing for empty ones. */
export class RowXml {
  readonly #sink: ByteSink;
  readonly #tally: TallyKeeper;
  readonly #styles: Styles;
  readonly #opening: readonly Template[];
  readonly #markup: readonly TextMarkup[];
  readonly #currencies = new Map<number, Template>();
  /** The digits of the row's number as one word, so that each cell's reference is two stores. */
  #rowWord = 0;
  #rowDigits = 0;

  constructor(columns: readonly SheetColumn[], { sink, tally, styles }: RowXmlDeps) {
    this.#sink = sink;
    this.#tally = tally;
    this.#styles = styles;
    // The Receipt has two columns, however few the table has.
    const count = Math.max(columns.length, 2);
    this.#opening = Array.from({ length: count }, (_, at) => template(`<c r="${columnLetters(at)}`));
    this.#markup = columns.map(({ kind }) => (kind === 'long_text' ? WRAPPED_TEXT : TEXT));
  }

  header(headers: readonly string[]): void {
    this.#open(1);
    headers.forEach((header, column) => this.#text(column, HEADER, cutToCell(header)));
    this.#close();
  }

  /** Writes row `number` of the Receipt sheet, counted from 1: a label and its value. */
  receipt({ label, value }: ReceiptRow, number: number): void {
    this.#open(number);
    this.#text(0, HEADER, cutToCell(label));
    if (typeof value === 'number' && Number.isFinite(value)) this.#number(1, GENERAL, value);
    else this.#text(1, WRAPPED_TEXT, cutToCell(String(value)));
    this.#close();
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
      else if (typeof cell === 'number') this.#number(column, numberOpening(cell), cell);
      else if (typeof cell === 'boolean') this.#plain(column, cell ? TRUE : FALSE);
      else this.#styled(column, cell);
    }
    this.#sink.template(ROW_CLOSE);
  }

  #styled(column: number, cell: StyledCell | undefined): void {
    switch (cell?.kind) {
      case 'text': {
        if (cell.asText) this.#tally.asText(column);
        this.#value(column, cell.text);
        return;
      }
      case 'percentage': {
        this.#number(column, PERCENTAGE, percentRatio(this.#finite(column, cell.percent)));
        return;
      }
      case 'currency': {
        const known = this.#styles.currency(cell.currency);
        if (known !== undefined) {
          this.#number(column, this.#currencyOpening(known), cell.value);
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

  #currencyOpening(index: number): Template {
    const known = this.#currencies.get(index);
    if (known !== undefined) return known;
    const opening = valueOpening(style(index));
    this.#currencies.set(index, opening);
    return opening;
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

  /** Ends a row that is not data: its replaced characters are not counted. */
  #close(): void {
    this.#sink.replaced = 0;
    this.#sink.template(ROW_CLOSE);
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
    this.#text(column, this.#markup[column] ?? TEXT, cut);
    if (sink.replaced === 0) return;
    this.#tally.replaced(column, sink.replaced);
    sink.replaced = 0;
  }

  #text(column: number, markup: TextMarkup, text: string): void {
    const isLong = text.length > MAX_TEXT_FORMAT;
    if (hasOuterSpace(text)) this.#plain(column, isLong ? markup.longSpaced : markup.spaced);
    else this.#plain(column, isLong ? markup.long : markup.plain);
    putXmlText(this.#sink, text);
    this.#sink.template(TEXT_CLOSE);
  }
}

/** Returns the markup of a number: a whole one has no point, a fraction has at least one decimal after it. */
function numberOpening(value: number): Template {
  if (Number.isInteger(value)) return INTEGER;
  return value < SMALLEST_SHOWN_FRACTION && value > -SMALLEST_SHOWN_FRACTION ? GENERAL : FRACTION;
}

function style(index: number): string {
  return ` s="${index}"`;
}

/** Returns what stands between a cell's reference and its value. */
function valueOpening(attributes: string): Template {
  return template(`"${attributes}><v>`);
}

function textMarkup(attributes: string, longAttributes: string): TextMarkup {
  const opening = (own: string, space: string) => template(`"${own} t="inlineStr"><is><t${space}>`);
  const space = ' xml:space="preserve"';
  return {
    plain: opening(attributes, ''),
    spaced: opening(attributes, space),
    long: opening(longAttributes, ''),
    longSpaced: opening(longAttributes, space),
  };
}
