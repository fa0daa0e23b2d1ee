import type { Currency } from '@waybill/formatting';
import { xmlText } from './text.ts';

/** Indexes into `cellXfs`. Long plain texts and very small numbers have the default style 0 (General). */
export const STYLE = {
  integer: 1,
  fraction: 2,
  percentage: 3,
  date: 4,
  datetime: 5,
  text: 6,
  wrappedText: 7,
  wrapped: 8,
  header: 9,
  boolean: 10,
} as const;

/**
 * The fixed cell formats in the order of STYLE, the default style first. Ids below 164 are built in (ECMA-376 §18.8.30): 3 is
 * `#,##0`, 10 is `0.00%`, 49 is `@`: a text stays text when a person edits the cell. A fraction always has one decimal, because
 * Excel shows the point of `#,##0.########` although no digit follows it. Excel ignores the format of a boolean; LibreOffice
 * would print 1 and 0 without it.
 */
const FIXED_FORMATS: readonly FixedFormat[] = [
  { id: 0 },
  { id: 3 },
  { id: 164, code: '#,##0.0#######' },
  { id: 10 },
  { id: 165, code: 'yyyy-mm-dd' },
  { id: 166, code: 'yyyy-mm-dd hh:mm:ss' },
  { id: 49 },
  { id: 49, wraps: true },
  { id: 0, wraps: true },
  { id: 49, wraps: true, isBold: true },
  { id: 167, code: '"TRUE";"TRUE";"FALSE"', isCentred: true },
];

interface FixedFormat {
  readonly id: number;
  readonly code?: string;
  readonly wraps?: boolean;
  readonly isBold?: boolean;
  readonly isCentred?: boolean;
}

const FIRST_CURRENCY_STYLE = FIXED_FORMATS.length;
const FIRST_CURRENCY_FORMAT = 168;

/** Excel takes 200 to 250 number formats, depending on its language; ISO 4217 has about 180 currencies. */
const MAX_CURRENCIES = 190;

/** The styles of one workbook: a fixed few, and one per currency that occurs. */
export class Styles {
  readonly #symbols: Symbols;
  readonly #currencies = new Map<string, { readonly currency: Currency; readonly style: number }>();

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  /** Returns the style of a currency, or `undefined` when the workbook has as many currencies as Excel takes. */
  currency(currency: Currency): number | undefined {
    const known = this.#currencies.get(currency.code);
    if (known !== undefined) return known.style;
    if (this.#currencies.size >= MAX_CURRENCIES) return undefined;
    const style = FIRST_CURRENCY_STYLE + this.#currencies.size;
    this.#currencies.set(currency.code, { currency, style });
    return style;
  }

  /** Returns the part `xl/styles.xml`, complete once all rows are written. */
  xml(): string {
    const currencies = [...this.#currencies.values()].map(({ currency }, at) => ({
      id: FIRST_CURRENCY_FORMAT + at,
      code: currencyFormat(currency, this.#symbols),
    }));
    const formats = [...FIXED_FORMATS, ...currencies];
    return (
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
      '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
      list(
        'numFmts',
        formats.flatMap(({ id, code }) =>
          code === undefined ? [] : `<numFmt numFmtId="${id}" formatCode="${xmlText(code)}"/>`,
        ),
      ) +
      list('fonts', [font(''), font('<b/>')]) +
      list(
        'fills',
        ['none', 'gray125'].map((type) => `<fill><patternFill patternType="${type}"/></fill>`),
      ) +
      list('borders', ['<border><left/><right/><top/><bottom/><diagonal/></border>']) +
      list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']) +
      list('cellXfs', formats.map(cellFormat)) +
      list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']) +
      '</styleSheet>'
    );
  }
}

/** Returns what a currency's code is shown as. */
export type Symbols = (code: string) => string;

/** Returns a number format such as `[$IDR] #,##0`: code or symbol before the amount, with the currency's own decimals. */
function currencyFormat({ code, decimals }: Currency, symbols: Symbols): string {
  return `[$${symbols(code)}] #,##0${decimals === 0 ? '' : `.${'0'.repeat(decimals)}`}`;
}

/** Returns a cell format. All cells align to the top, so that a row with a wrapped text can be read across. */
function cellFormat({ id, wraps = false, isBold = false, isCentred = false }: FixedFormat): string {
  const apply = (isBold ? ' applyFont="1"' : '') + (id === 0 ? '' : ' applyNumberFormat="1"');
  return (
    `<xf numFmtId="${id}" fontId="${isBold ? 1 : 0}" fillId="0" borderId="0" xfId="0"${apply} applyAlignment="1">` +
    `<alignment${isCentred ? ' horizontal="center"' : ''} vertical="top"${wraps ? ' wrapText="1"' : ''}/></xf>`
  );
}

function font(weight: string): string {
  return `<font>${weight}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`;
}

function list(name: string, items: readonly string[]): string {
  return `<${name} count="${items.length}">${items.join('')}</${name}>`;
}
