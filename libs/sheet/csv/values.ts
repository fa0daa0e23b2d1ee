import { amountText, dateTimeText, dayText, type CurrencyCell, type DateTimeCell } from '@waybill/formatting';
import { template, type ByteSink, type Template } from '../byte-sink.ts';
import { putNumber, putPair } from '../digits.ts';

const COLON = 58;
const PERCENT = 37;

/** Slots for the texts of days and offsets, a power of two; a decade has 3,653 days. */
const SLOTS = 4096;

/**
 * Writes the CSV text of dates, amounts and percentages as bytes, the same text that `csvText` of the formatting library
 * makes as a string. None of it needs quotes or a guard, because a delimiter never occurs in a number or a date.
 */
export class CsvValues {
  readonly #sink: ByteSink;
  readonly #days = new Kept((day) => `${dayText(day)}T`);
  readonly #offsets = new Kept(offsetText);

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  date(day: number): void {
    this.#sink.template(this.#days.get(day));
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
    sink.template(this.#days.get(cell.day));
    putPair(sink, hour);
    sink.byte(COLON);
    putPair(sink, minuteOfDay - hour * 60);
    sink.byte(COLON);
    putPair(sink, second - minuteOfDay * 60);
    sink.template(this.#offsets.get(offsetSeconds));
  }

  percentage(percent: number): void {
    putNumber(this.#sink, percent);
    this.#sink.byte(PERCENT);
  }

  amount(cell: CurrencyCell): void {
    if (cell.currency.decimals === 0) putNumber(this.#sink, cell.value);
    else this.#sink.ascii(amountText(cell));
  }
}

/** Returns the end of a date-time's text, such as `+07:00`. */
function offsetText(offsetSeconds: number): string {
  const midnight: DateTimeCell = { kind: 'datetime', day: 0, second: 0, offsetSeconds };
  return dateTimeText(midnight).slice('YYYY-MM-DDThh:mm:ss'.length);
}

/** Compiled texts of whole numbers. Each number has one slot, so a look-up is two loads and there is nothing to evict. */
class Kept {
  readonly #make: (key: number) => string;
  readonly #keys = new Int32Array(SLOTS).fill(-1);
  readonly #templates: Template[] = new Array<Template>(SLOTS).fill(template(''));

  constructor(make: (key: number) => string) {
    this.#make = make;
    // Slot -1 & (SLOTS - 1) is the last one, so -1 must not look as if it was there.
    this.#keys[SLOTS - 1] = 0;
  }

  get(key: number): Template {
    const slot = key & (SLOTS - 1);
    const found = this.#templates[slot];
    if (found !== undefined && this.#keys[slot] === key) return found;
    const made = template(this.#make(key));
    this.#keys[slot] = key;
    this.#templates[slot] = made;
    return made;
  }
}
