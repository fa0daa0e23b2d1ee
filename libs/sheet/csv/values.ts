import { amountText, dateTimeText, dayText, type CurrencyCell, type DateTimeCell } from '@waybill/formatting';
import type { ByteSink } from '../byte-sink.ts';
import { putNumber, putPair } from '../digits.ts';

const PERCENT = 37;
const PLUS = 43;
const HYPHEN = 45;
const COLON = 58;
const T = 84;

/** Days whose texts are kept, a power of two: days repeat within a file, and a decade has 3,653. */
const SLOTS = 4096;
/** No day that a date of ECMAScript falls on. */
const NO_DAY = -(2 ** 31);
/** A text of `YYYY-MM-DD` is kept as two words of 8 bytes. */
const DAY_LENGTH = 10;
const WORD = 8;

/**
 * Writes the CSV text of dates, amounts and percentages as bytes, the same text that `csvText` of the formatting library
 * makes as a string. None of it needs quotes or a guard, because a delimiter never occurs in a number or a date.
 */
export class CsvValues {
  readonly #sink: ByteSink;
  /**
   * The kept days and their texts, the words of one after the other: in objects of their own they lie so far apart that
   * most of a date's time is spent on reading them.
   */
  readonly #days = new Int32Array(SLOTS).fill(NO_DAY);
  readonly #words = new Float64Array(SLOTS * 2);

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  date(day: number): void {
    const sink = this.#sink;
    const start = sink.length;
    const slot = day & (SLOTS - 1);
    if (this.#days[slot] === day) {
      sink.view.setFloat64(start, this.#words[slot * 2] ?? 0);
      sink.view.setFloat64(start + WORD, this.#words[slot * 2 + 1] ?? 0);
      sink.length = start + DAY_LENGTH;
      return;
    }
    sink.ascii(dayText(day));
    if (sink.length - start !== DAY_LENGTH) return;
    this.#days[slot] = day;
    this.#words[slot * 2] = sink.view.getFloat64(start);
    this.#words[slot * 2 + 1] = sink.view.getFloat64(start + WORD);
  }

  dateTime(cell: DateTimeCell): void {
    const { day, second, offsetSeconds } = cell;
    const sink = this.#sink;
    if (offsetSeconds % 60 !== 0) {
      sink.ascii(dateTimeText(cell));
      return;
    }
    const minuteOfDay = (second / 60) | 0;
    this.date(day);
    sink.byte(T);
    this.#clock(minuteOfDay);
    sink.byte(COLON);
    putPair(sink, second - minuteOfDay * 60);
    sink.byte(offsetSeconds < 0 ? HYPHEN : PLUS);
    this.#clock(Math.abs(offsetSeconds) / 60);
  }

  percentage(percent: number): void {
    putNumber(this.#sink, percent);
    this.#sink.byte(PERCENT);
  }

  amount(cell: CurrencyCell): void {
    if (cell.currency.decimals === 0) putNumber(this.#sink, cell.value);
    else this.#sink.ascii(amountText(cell));
  }

  /** Writes minutes as `hh:mm`. */
  #clock(minutes: number): void {
    const hours = (minutes / 60) | 0;
    putPair(this.#sink, hours);
    this.#sink.byte(COLON);
    putPair(this.#sink, minutes - hours * 60);
  }
}
