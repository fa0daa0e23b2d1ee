/** A stored value after its transport as JSON. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** The field types that the table of this library knows. Any other one is written as the text of its JSON. */
export type FieldType =
  | 'text'
  | 'text_area'
  | 'number'
  | 'date'
  | 'datetime'
  | 'checkbox'
  | 'dropdown'
  | 'multiple_select'
  | 'phone'
  | 'email'
  | 'url'
  | 'id'
  | 'owner'
  | 'association';

export type NumberType = 'number' | 'currency' | 'percentage';

/** One choice of a dropdown or a multiple select: contacts store the key, a file shows the label. */
export interface ChoiceOption {
  readonly key: string;
  readonly label: string;
}

/** One exported field. Plain JSON, because it travels in the plan message of a job. */
export interface Column {
  /** The field's stable name; unique among the columns, and the key of the receipt's `by_field` counts. */
  readonly name: string;
  /** What the person reads: the field's alias. */
  readonly header: string;
  /** A string of another kind is allowed: its values are written as the text of their JSON. */
  readonly fieldType: FieldType | (string & {});
  /** Only with `number`; without it a number is plain. */
  readonly numberType?: NumberType;
  /** Only with `dropdown` and `multiple_select`. A key without an option is shown as it is. */
  readonly options?: readonly ChoiceOption[];
}

/** A currency as a cell shows it. One object per code is shared by all its cells. */
export interface Currency {
  /** ISO 4217, three capital letters. */
  readonly code: string;
  /** Decimals that the currency has: IDR 0, USD 2, KWD 3. */
  readonly decimals: number;
}

/** Text with flags of its own. All other text is a bare string. */
export interface TextCell {
  readonly kind: 'text';
  readonly text: string;
  /** Numeric text and E.164 phone numbers: CSV writes them without the formula guard. */
  readonly unguarded: boolean;
  /** The column's type could not hold the value, so it became text: the receipt counts it. */
  readonly asText: boolean;
}

export interface PercentageCell {
  readonly kind: 'percentage';
  /** As stored: 12.5 means 12.5 %. */
  readonly percent: number;
}

export interface CurrencyCell {
  readonly kind: 'currency';
  readonly value: number;
  readonly currency: Currency;
}

/** A calendar day; no timezone applies, ever. Its time is zero. */
export interface DateCell {
  readonly kind: 'date';
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly second: 0;
  readonly offsetSeconds: 0;
}

/** An instant as a clock on the wall of the request's zone shows it, to the second. */
export interface DateTimeCell {
  readonly kind: 'datetime';
  /** Local days since 1970-01-01. */
  readonly day: number;
  /** Local seconds since midnight, 0 to 86,399. */
  readonly second: number;
  /** Seconds that the zone is ahead of UTC at that instant; not always whole minutes before about 1930. */
  readonly offsetSeconds: number;
}

/**
 * Four shapes of object for five kinds: dates have the fields of datetimes. V8 remembers up to four shapes where `kind` is
 * read; with a fifth, writing a cell took twice as long.
 */
export type StyledCell = TextCell | PercentageCell | CurrencyCell | DateCell | DateTimeCell;

/**
 * What one cell holds. The plain kinds are bare values, so that the hot path allocates nothing for them: `null` is
 * the empty cell, a string is text, a number a plain number (finite), a boolean a boolean. Everything else says its `kind`.
 */
export type Cell = null | string | number | boolean | StyledCell;

/** What a sheet needs to know of a column: where to count, what to put in the header, how wide to be. */
export interface SheetColumn {
  readonly name: string;
  /** The finished header: zone in brackets, duplicates numbered. */
  readonly header: string;
  readonly kind: 'text' | 'long_text' | 'number' | 'date' | 'datetime' | 'boolean';
}

export interface FormatterOptions {
  readonly columns: readonly Column[];
  readonly format: 'xlsx' | 'csv';
  /** IANA id, such as `Asia/Jakarta`; applies to datetimes only. */
  readonly timezone: string;
  /** Language of the words that the formatter adds itself: the header of a currency's code column. */
  readonly locale: 'en' | 'id';
}

/** Columns compiled for one job: raw rows in, rows of cells out. */
export interface Formatter {
  /** The sheet's columns. In CSV each currency column is followed by one of its code. */
  readonly columns: readonly SheetColumn[];
  /** The headers of `columns`. */
  readonly headers: readonly string[];
  /**
   * Returns the cells of one row, in the order of `columns`. Never throws: a row with more or fewer values than there are
   * columns gives more or fewer cells, which the sheet writer rejects.
   */
  readonly row: (values: readonly JsonValue[]) => Cell[];
}
