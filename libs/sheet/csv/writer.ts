import { setImmediate } from 'node:timers/promises';
import { ExportError } from '@waybill/errors';
import { type Cell, type StyledCell } from '@waybill/formatting';
import { ByteSink, template } from '../byte-sink.ts';
import { CsvText } from './text.ts';
import { CsvValues } from './values.ts';
import { MAX_NUMBER_BYTES, putNumber } from '../digits.ts';
import { Output } from '../output.ts';
import { requireLength, unknownCell } from '../row-errors.ts';
import { TallyKeeper } from '../tally.ts';
import type { CsvWriterOptions, SheetWriter, Tally } from '../types.ts';

/** Bytes that go to the receiver at once, cut at the end of a row. */
const PIECE_BYTES = 128 * 1024;
const BUFFER_BYTES = PIECE_BYTES + 64 * 1024;

/**
 * Excel takes a file that starts with the letters ID for one in the SYLK format, and rejects it. A first line such as `sep=;` sets
 * the delimiter and is not shown.
 */
const MISTAKEN_START = /^(ID|[Ss][Ee][Pp]=)/;

const QUOTE = 34;
const COMMA = 44;
const POINT = 46;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LINE_END = template('\r\n');
const TRUE = template('TRUE');
const FALSE = template('FALSE');

/** Writes rows as CSV (RFC 4180) in UTF-8. */
export class CsvWriter implements SheetWriter {
  readonly #columns: CsvWriterOptions['columns'];
  readonly #delimiter: number;
  readonly #decimalComma: boolean;
  readonly #output = new Output(() => undefined);
  readonly #tally: TallyKeeper;
  readonly #sink = new ByteSink(BUFFER_BYTES);
  readonly #text: CsvText;
  readonly #values = new CsvValues(this.#sink);
  #open = true;

  constructor({ columns, delimiter = ',', bom = false, decimalComma = false }: CsvWriterOptions) {
    this.#columns = columns;
    this.#delimiter = delimiterByte(delimiter);
    this.#decimalComma = decimalComma;
    if (decimalComma && delimiter === ',') {
      throw invalid('The CSV delimiter and the decimal comma cannot both be a comma.');
    }
    this.#tally = new TallyKeeper(columns);
    this.#text = new CsvText(this.#sink, this.#delimiter);
    if (bom) this.#output.push(BYTE_ORDER_MARK);
    this.#header();
  }

  get stream(): SheetWriter['stream'] {
    return this.#output.stream;
  }

  write(row: readonly Cell[]): Promise<void> | undefined {
    this.#check();
    try {
      requireLength(row, this.#columns.length, this.#tally.rows + 1);
      this.#row(row);
    } catch (error) {
      if (error instanceof ExportError) this.abort(error);
      throw error;
    }
    this.#tally.rows++;
    return this.#sink.length >= PIECE_BYTES ? this.#flush() : undefined;
  }

  async finish(): Promise<Tally> {
    this.#check();
    this.#open = false;
    await this.#flush();
    this.#output.end();
    return this.#tally.result();
  }

  abort(error: Error): void {
    this.#open = false;
    this.#output.fail(error);
  }

  #row(row: readonly Cell[]): void {
    const sink = this.#sink;
    const start = sink.length;
    for (let column = 0; column < row.length; column++) {
      if (column > 0) sink.byte(this.#delimiter);
      const cell = row[column];
      if (typeof cell === 'string') this.#text.guarded(cell);
      else if (cell !== null) this.#other(column, cell);
      if (sink.replaced !== 0) {
        this.#tally.replaced(column, sink.replaced);
        sink.replaced = 0;
      }
    }
    this.#endRow(start);
  }

  #other(column: number, cell: Exclude<Cell, string | null> | undefined): void {
    const sink = this.#sink;
    sink.reserve(MAX_NUMBER_BYTES);
    const start = sink.length;
    if (typeof cell === 'number') putNumber(sink, this.#finite(column, cell));
    else if (typeof cell === 'boolean') sink.template(cell ? TRUE : FALSE);
    else this.#styled(column, cell);
    if (this.#decimalComma && isNumeric(cell)) this.#replacePoint(start);
  }

  /** Replaces the decimal point of the number that starts at `start`. */
  #replacePoint(start: number): void {
    const { bytes, length } = this.#sink;
    const at = bytes.subarray(start, length).indexOf(POINT);
    if (at >= 0) bytes[start + at] = COMMA;
  }

  #styled(column: number, cell: StyledCell | undefined): void {
    switch (cell?.kind) {
      case 'text':
        if (cell.asText) this.#tally.asText(column);
        if (cell.unguarded) this.#text.unguarded(cell.text);
        else this.#text.guarded(cell.text);
        return;
      case 'percentage': {
        this.#values.percentage(this.#finite(column, cell.percent));
        return;
      }
      case 'currency': {
        this.#finite(column, cell.value);
        this.#values.amount(cell);
        return;
      }
      case 'date': {
        this.#values.date(cell.day);
        return;
      }
      case 'datetime': {
        this.#values.dateTime(cell);
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

  #header(): void {
    const start = this.#sink.length;
    this.#columns.forEach(({ header }, column) => {
      if (column > 0) this.#sink.byte(this.#delimiter);
      if (column === 0 && MISTAKEN_START.test(header)) this.#text.quoted(header);
      else this.#text.guarded(header);
    });
    // A header is not a value: its replaced characters are not counted.
    this.#sink.replaced = 0;
    this.#endRow(start);
  }

  /** Ends a row. An empty line becomes a quoted empty field, because readers skip empty lines. */
  #endRow(start: number): void {
    const sink = this.#sink;
    sink.reserve(LINE_END.length + 2);
    if (sink.length === start) {
      sink.byte(QUOTE);
      sink.byte(QUOTE);
    }
    sink.template(LINE_END);
  }

  #check(): void {
    if (!this.#open) throw new ExportError('SHEET_ENDED');
    if (this.#output.failure !== undefined) throw this.#output.failure;
  }

  /** Passes the buffer to the receiver, which may keep it, continues in another one, and lets the event loop turn. */
  async #flush(): Promise<void> {
    const sink = this.#sink;
    this.#output.push(sink.bytes.subarray(0, sink.length));
    sink.moveTo(Buffer.allocUnsafeSlow(BUFFER_BYTES));
    await (this.#output.full ? this.#output.ready() : setImmediate());
    if (this.#output.failure !== undefined) throw this.#output.failure;
  }
}

/** Returns whether a cell's text is a number. Unguarded text is one too, or a phone number, which has no point. */
function isNumeric(cell: Exclude<Cell, string | null> | undefined): boolean {
  if (typeof cell === 'number') return true;
  if (typeof cell !== 'object') return false;
  return cell.kind === 'percentage' || cell.kind === 'currency' || (cell.kind === 'text' && cell.unguarded);
}

function delimiterByte(delimiter: string): number {
  const unit = delimiter.charCodeAt(0);
  if (delimiter.length === 1 && unit < 128 && !/[\w"'\r\n.+\-%:]/.test(delimiter)) return unit;
  throw invalid(`The CSV delimiter is one of , ; | TAB or the like, not ${JSON.stringify(delimiter)}.`);
}

function invalid(reason: string): ExportError {
  return new ExportError('CONFIGURATION_INVALID', { params: { reason } });
}
