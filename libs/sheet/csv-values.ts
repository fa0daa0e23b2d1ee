import { amountText, dateTimeText, dayText, type CurrencyCell, type DateTimeCell } from '@waybill/formatting';
import { template, type ByteSink, type Template } from './byte-sink.ts';
import { putNumber, putPair } from './digits.ts';

const COLON = 58;
const PERCENT = 37;

/** Days of a file repeat; a decade has 3,653 of them, so this holds all of nearly every file. */
const MAX_KEPT = 20_000;

/**
 * Writes the CSV text of dates, amounts and percentages as bytes, the same text that `csvText` of the formatting library
 * makes as a string. None of it needs quotes or a guard, because a delimiter is no character of a number or a date.
 */
export class CsvValues {
  readonly #sink: ByteSink;
  readonly #days = new Map<number, Template>();
  readonly #offsets = new Map<number, Template>();

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  date(day: number): void {
    this.#sink.template(this.#day(day));
    // The template ends in the T of a date-time.
    this.#sink.length--;
  }

  dateTime(cell: DateTimeCell): void {
    const { second, offsetSeconds } = cell;
    const sink = this.#sink;
    if (offsetSeconds % 60 !== 0) {
      sink.ascii(dateTimeText(cell));
      return;
    }
    const minuteOfDay = (second / 60) | 0;
    const hour = (minuteOfDay / 60) | 0;
    sink.template(this.#day(cell.day));
    putPair(sink, hour);
    sink.byte(COLON);
    putPair(sink, minuteOfDay - hour * 60);
    sink.byte(COLON);
    putPair(sink, second - minuteOfDay * 60);
    sink.template(this.#offset(cell));
  }

  percentage(percent: number): void {
    putNumber(this.#sink, percent);
    this.#sink.byte(PERCENT);
  }

  amount(cell: CurrencyCell): void {
    if (cell.currency.decimals === 0) putNumber(this.#sink, cell.value);
    else this.#sink.ascii(amountText(cell));
  }

  #day(day: number): Template {
    return kept(this.#days, day, () => `${dayText(day)}T`);
  }

  #offset(cell: DateTimeCell): Template {
    return kept(this.#offsets, cell.offsetSeconds, () =>
      dateTimeText(cell).slice('YYYY-MM-DDThh:mm:ss'.length),
    );
  }
}

function kept(templates: Map<number, Template>, key: number, make: () => string): Template {
  let found = templates.get(key);
  if (found === undefined) {
    found = template(make());
    if (templates.size < MAX_KEPT) templates.set(key, found);
  }
  return found;
}
