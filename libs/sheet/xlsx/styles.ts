import type { Currency } from '@waybill/formatting';
import { template, type Template } from '../byte-sink.ts';

/** Indexes into `cellXfs`; text and booleans have the default style 0. */
export const STYLE = { number: 1, percentage: 2, date: 3, datetime: 4, header: 5 } as const;

/** The fixed cell formats in the order of STYLE. 10 is built in: `0.00%` (ECMA-376 §18.8.30). */
const FIXED_FORMATS = [
  { id: 0, code: undefined },
  { id: 164, code: '#,##0.########' },
  { id: 10, code: undefined },
  { id: 165, code: 'yyyy-mm-dd' },
  { id: 166, code: 'yyyy-mm-dd hh:mm:ss' },
] as const;

const FIRST_CURRENCY_STYLE = FIXED_FORMATS.length + 1;
const FIRST_CURRENCY_FORMAT = 167;

/** Excel takes 200 to 250 number formats, depending on its language; ISO 4217 has about 180 currencies. */
const MAX_CURRENCIES = 190;

/** The styles of one workbook: a fixed few, and one per currency that occurs. */
export class Styles {
  readonly #currencies = new Map<string, { readonly currency: Currency; readonly opening: Template }>();

  /**
   * Returns the markup between a cell's reference and its amount.
   * @returns `undefined` when the workbook has as many currencies as Excel takes.
   */
  currency(currency: Currency): Template | undefined {
    const known = this.#currencies.get(currency.code);
    if (known !== undefined) return known.opening;
    if (this.#currencies.size >= MAX_CURRENCIES) return undefined;
    const opening = styledValue(FIRST_CURRENCY_STYLE + this.#currencies.size);
    this.#currencies.set(currency.code, { currency, opening });
    return opening;
  }

  /** Returns the part `xl/styles.xml`, complete once all rows are written. */
  xml(): string {
    const currencies = [...this.#currencies.values()].map(({ currency }, at) => ({
      id: FIRST_CURRENCY_FORMAT + at,
      code: currencyFormat(currency),
    }));
    const formats = [...FIXED_FORMATS.filter(({ code }) => code !== undefined), ...currencies];
    const cells = [
      ...FIXED_FORMATS.map(({ id }) => cellFormat(id)),
      '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>',
      ...currencies.map(({ id }) => cellFormat(id)),
    ];
    return (
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
      '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
      list(
        'numFmts',
        formats.map(({ id, code }) => `<numFmt numFmtId="${id}" formatCode="${escape(code ?? '')}"/>`),
      ) +
      list('fonts', [font(''), font('<b/>')]) +
      list(
        'fills',
        ['none', 'gray125'].map((type) => `<fill><patternFill patternType="${type}"/></fill>`),
      ) +
      list('borders', ['<border><left/><right/><top/><bottom/><diagonal/></border>']) +
      list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']) +
      list('cellXfs', cells) +
      list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']) +
      '</styleSheet>'
    );
  }
}

/** Returns the markup between a cell's reference and its value for a style. */
export function styledValue(style: number): Template {
  return template(`" s="${style}"><v>`);
}

/** Returns a number format such as `[$IDR] #,##0`: the code before the amount, with the currency's own decimals. */
function currencyFormat({ code, decimals }: Currency): string {
  return `[$${code}] #,##0${decimals === 0 ? '' : `.${'0'.repeat(decimals)}`}`;
}

function cellFormat(numberFormat: number): string {
  const apply = numberFormat === 0 ? '' : ' applyNumberFormat="1"';
  return `<xf numFmtId="${numberFormat}" fontId="0" fillId="0" borderId="0" xfId="0"${apply}/>`;
}

function font(weight: string): string {
  return `<font>${weight}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`;
}

function list(name: string, items: readonly string[]): string {
  return `<${name} count="${items.length}">${items.join('')}</${name}>`;
}

function escape(code: string): string {
  return code.replace(/"/g, '&quot;');
}
