import { amountText, percentRatio, type Cell, type SheetColumn, type StyledCell } from '@waybill/formatting';
import { template, type ByteSink, type Template } from '../byte-sink.ts';
import { MAX_NUMBER_BYTES, putNumber, putSerial, putWhole } from '../digits.ts';
import { columnLetters } from './reference.ts';
import { unknownCell } from '../row-errors.ts';
import type { TallyKeeper } from '../tally.ts';
import type { ReceiptRow } from '../types.ts';
import { STYLE, type Styles } from './styles.ts';
import { cutToCell, hasOuterSpace, putXmlText } from './text.ts';
import { linesOf, MAX_LINES, pointsOf, RECEIPT_WIDTHS, widthOf } from './worksheet.ts';

/** Room for a cell's markup and any number in it; text reserves its own. */
const CELL_BYTES = MAX_NUMBER_BYTES + 112;

/** Excel shows `####` for a longer text in a cell of the format `@`. */
const MAX_TEXT_FORMAT = 255;
/** A smaller fraction would be shown as `0.0`. */
const SMALLEST_SHOWN_FRACTION = 1e-4;

const ROW_OPEN = template('<row r="');
const ROW_OPEN_PLAIN = template('">');
/** The end of a row's start tag by its lines. The height is not fixed: Excel fits the row again when a person edits it. */
const ROW_OPEN_END = Array.from({ length: MAX_LINES + 1 }, (_, lines) =>
  lines > 1 ? template(`" ht="${pointsOf(lines)}">`) : ROW_OPEN_PLAIN,
);
const ROW_CLOSE = template('</row>');
const TEXT_CLOSE = template('</t></is></c>');
const GENERAL = valueOpening('');
const INTEGER = valueOpening(style(STYLE.integer));
const FRACTION = valueOpening(style(STYLE.fraction));
const PERCENTAGE = valueOpening(style(STYLE.percentage));
const DATE = valueOpening(style(STYLE.date));
const DATETIME = valueOpening(style(STYLE.datetime));
const VALUE_CLOSE = template('</v></c>');
const TRUE = opening(`${style(STYLE.boolean)} t="b"><v>1</v></c>`);
const FALSE = opening(`${style(STYLE.boolean)} t="b"><v>0</v></c>`);
const PADDING = template('        ');

/** The markup from a cell's reference to its content, and from the cell's start if it has no reference. */
interface Opening {
  readonly referenced: Template;
  readonly bare: Template;
}

/** The openings of a text, by its length and by white space at its ends. */
interface TextMarkup {
  readonly plain: Opening;
  readonly spaced: Opening;
  readonly long: Opening;
  readonly longSpaced: Opening;
}

const TEXT = textMarkup(style(STYLE.text), '');
const WRAPPED_TEXT = textMarkup(style(STYLE.wrappedText), style(STYLE.wrapped));
const HEADER = textMarkup(style(STYLE.header), style(STYLE.header));

/** The buffer that rows are written into, and what is recorded about them. */
export interface RowXmlDeps {
  readonly sink: ByteSink;
  readonly tally: TallyKeeper;
  readonly styles: Styles;
  readonly omitReferences: boolean;
}

/**
 * Writes rows as `<row>` elements (ECMA-376 §18.3.1.73), and nothing for empty cells. A cell has a reference, unless the option
 * is set to omit it after a left neighbour: a cell without one is in the next column (§18.3.1.4).
 */
export class RowXml {
  readonly #sink: ByteSink;
  readonly #tally: TallyKeeper;
  readonly #styles: Styles;
  /** `<c r="` and the letters of each column. */
  readonly #references: readonly Template[];
  readonly #markup: readonly TextMarkup[];
  readonly #widths: readonly number[];
  /** The columns whose texts wrap. */
  readonly #wrapped: readonly number[];
  readonly #currencies = new Map<number, Opening>();
  readonly #omitReferences: boolean;
  /** The column after the last cell of the open row; 0 before the first cell. */
  #next = 0;
  /** The digits of the row's number as one word, so that each cell's reference is two stores. */
  #rowWord = 0;
  #rowDigits = 0;

  constructor(columns: readonly SheetColumn[], { sink, tally, styles, omitReferences }: RowXmlDeps) {
    this.#sink = sink;
    this.#tally = tally;
    this.#styles = styles;
    this.#omitReferences = omitReferences;
    // The Receipt has two columns, however few the table has.
    const count = Math.max(columns.length, 2);
    this.#references = Array.from({ length: count }, (_, at) => template(`<c r="${columnLetters(at)}`));
    this.#markup = columns.map(({ kind }) => (kind === 'long_text' ? WRAPPED_TEXT : TEXT));
    this.#widths = columns.map(widthOf);
    this.#wrapped = columns.flatMap(({ kind }, at) => (kind === 'long_text' ? [at] : []));
  }

  header(headers: readonly string[]): void {
    this.#open(1, Math.max(1, ...headers.map((header, at) => linesOf(header, this.#widths[at] ?? 0))));
    headers.forEach((header, column) => this.#text(column, HEADER, cutToCell(header)));
    this.#close();
  }

  /** Writes row `number` of the Receipt sheet, counted from 1: a label and its value. */
  receipt({ label, value }: ReceiptRow, number: number): void {
    this.#open(
      number,
      Math.max(linesOf(label, RECEIPT_WIDTHS[0]), linesOf(String(value), RECEIPT_WIDTHS[1])),
    );
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
    this.#open(number, this.#linesOf(cells));
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

  #currencyOpening(index: number): Opening {
    const known = this.#currencies.get(index);
    if (known !== undefined) return known;
    const made = valueOpening(style(index));
    this.#currencies.set(index, made);
    return made;
  }

  /** Rejects NaN and the infinities, which no file can hold. */
  #finite(column: number, value: number): number {
    if (Number.isFinite(value)) return value;
    throw unknownCell(this.#tally.rows + 1, column, value);
  }

  /** Returns how many lines the wrapped texts of a row take. */
  #linesOf(cells: readonly Cell[]): number {
    let lines = 1;
    for (const column of this.#wrapped) {
      const cell = cells[column];
      if (typeof cell === 'string') lines = Math.max(lines, linesOf(cell, this.#widths[column] ?? 0));
    }
    return lines;
  }

  #open(number: number, lines: number): void {
    const sink = this.#sink;
    sink.reserve(CELL_BYTES);
    this.#next = 0;
    sink.template(ROW_OPEN);
    const start = sink.length;
    putWhole(sink, number);
    this.#rowDigits = sink.length - start;
    // Pads the word with spaces: bytes left over from another row could make it a NaN.
    sink.template(PADDING);
    this.#rowWord = sink.view.getFloat64(start, true);
    sink.length = start + this.#rowDigits;
    sink.template(ROW_OPEN_END[lines] ?? ROW_OPEN_PLAIN);
  }

  /** Ends a row that is not data: its replaced characters are not counted. */
  #close(): void {
    this.#sink.replaced = 0;
    this.#sink.template(ROW_CLOSE);
  }

  #plain(column: number, { referenced, bare }: Opening): void {
    const sink = this.#sink;
    sink.reserve(CELL_BYTES);
    if (this.#omitReferences && column > 0 && column === this.#next) {
      this.#next = column + 1;
      sink.template(bare);
      return;
    }
    this.#next = column + 1;
    const reference = this.#references[column];
    if (reference === undefined) return;
    sink.template(reference);
    sink.view.setFloat64(sink.length, this.#rowWord, true);
    sink.length += this.#rowDigits;
    sink.template(referenced);
  }

  #number(column: number, start: Opening, value: number): void {
    this.#plain(column, start);
    putNumber(this.#sink, this.#finite(column, value));
    this.#sink.template(VALUE_CLOSE);
  }

  #serial(column: number, start: Opening, day: number, second: number): void {
    this.#plain(column, start);
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
function numberOpening(value: number): Opening {
  if (Number.isInteger(value)) return INTEGER;
  return value < SMALLEST_SHOWN_FRACTION && value > -SMALLEST_SHOWN_FRACTION ? GENERAL : FRACTION;
}

function style(index: number): string {
  return ` s="${index}"`;
}

/** Compiles markup that starts with the attributes of a cell. */
function opening(markup: string): Opening {
  return { referenced: template(`"${markup}`), bare: template(`<c${markup}`) };
}

function valueOpening(attributes: string): Opening {
  return opening(`${attributes}><v>`);
}

function textMarkup(attributes: string, longAttributes: string): TextMarkup {
  const textOpening = (own: string, space: string) => opening(`${own} t="inlineStr"><is><t${space}>`);
  const space = ' xml:space="preserve"';
  return {
    plain: textOpening(attributes, ''),
    spaced: textOpening(attributes, space),
    long: textOpening(longAttributes, ''),
    longSpaced: textOpening(longAttributes, space),
  };
}
