import type { SheetColumn } from '@waybill/formatting';
import { tableRange } from './reference.ts';
import { STYLE } from './styles.ts';

const PROLOGUE =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
  '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
  '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>';

const ROWS = '<sheetFormatPr defaultRowHeight="15"/>';

/** Widths in characters of the default font: ids of 24 characters fit, and numbers of 15 digits, which would show as `###`. */
const WIDTHS: Readonly<Record<SheetColumn['kind'], number>> = {
  text: 26,
  long_text: 40,
  number: 22,
  date: 12,
  datetime: 20,
  boolean: 10,
};

/** A header that is longer than its column's usual width gets room, up to here. Longer ones wrap. */
const MAX_HEADER_WIDTH = 40;

/** Widths of labels and values on the Receipt sheet. */
export const RECEIPT_WIDTHS = [32, 60] as const;

/** Returns the width of a column, in characters of the default font. */
export function widthOf({ kind, header }: SheetColumn): number {
  return Math.max(WIDTHS[kind], Math.min(header.length + 4, MAX_HEADER_WIDTH));
}

/** Text that a person adds to a text column stays text. Columns of other kinds keep the default style. */
const COLUMN_STYLES: Readonly<Partial<Record<SheetColumn['kind'], number>>> = {
  text: STYLE.text,
  long_text: STYLE.wrappedText,
};

/** Pages of A4, as wide as the table, with page number and count at the bottom. */
function page(orientation: 'landscape' | 'portrait'): string {
  return (
    '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.75" header="0.3" footer="0.3"/>' +
    `<pageSetup paperSize="9" orientation="${orientation}" fitToHeight="0"/>` +
    '<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter>'
  );
}

export interface SheetHeadOptions {
  /** Whether the workbook opens with this sheet. */
  readonly isFirst: boolean;
  /** Whether the first column stays in view, as the header row always does. */
  readonly freezeFirstColumn: boolean;
}

/** Returns a worksheet up to its rows, in the order of CT_Worksheet (ECMA-376 §18.3.1.99). */
export function sheetHead(
  columns: readonly SheetColumn[],
  { isFirst, freezeFirstColumn }: SheetHeadOptions,
): string {
  const pane = freezeFirstColumn
    ? '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/><selection pane="bottomRight"/>'
    : '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>';
  return (
    PROLOGUE +
    `<sheetViews><sheetView${isFirst ? ' tabSelected="1"' : ''} workbookViewId="0">${pane}</sheetView></sheetViews>` +
    ROWS +
    columnList(
      columns.map((column) => ({
        width: widthOf(column),
        style: COLUMN_STYLES[column.kind],
      })),
    ) +
    '<sheetData>'
  );
}

/**
 * Returns the rest of a worksheet of `rows` rows with its header: a filter over the table, the page, and no green triangle for
 * numbers that are text, such as phones and ids.
 */
export function sheetTail(columns: number, rows: number): string {
  const range = columns > 0 ? tableRange(columns, rows) : undefined;
  return (
    '</sheetData>' +
    (range === undefined ? '' : `<autoFilter ref="${range}"/>`) +
    page('landscape') +
    (range === undefined
      ? ''
      : `<ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors>`) +
    '</worksheet>'
  );
}

/** Returns the Receipt sheet up to its rows: labels and values. */
export function receiptHead(): string {
  return `${PROLOGUE}${ROWS}${columnList(RECEIPT_WIDTHS.map((width) => ({ width })))}<sheetData>`;
}

/** Returns the rest of the Receipt sheet. */
export function receiptTail(): string {
  return `</sheetData>${page('portrait')}</worksheet>`;
}

interface ColumnForm {
  /** In characters of the default font. */
  readonly width: number;
  readonly style?: number | undefined;
}

function columnList(forms: readonly ColumnForm[]): string {
  if (forms.length === 0) return '';
  const list = forms.map(({ width, style }, at) => {
    const own = style === undefined ? '' : ` style="${style}"`;
    return `<col min="${at + 1}" max="${at + 1}" width="${width}"${own} customWidth="1"/>`;
  });
  return `<cols>${list.join('')}</cols>`;
}

/** Height of one line of the default font, in points. */
const LINE_POINTS = 15;
/** The most lines of a row: Excel's rows have at most 409 points. */
export const MAX_LINES = 27;

/** Returns the height of a row of `lines` lines, in points. */
export function pointsOf(lines: number): number {
  return lines * LINE_POINTS;
}

/**
 * Estimates how many lines a wrapped text takes, at most 27. Excel and LibreOffice do not measure texts when they open a file, so a
 * row without a height would show the first line only. Words wrap before the end of a line, so a line holds a little less
 * than the width of its column.
 */
export function linesOf(text: string, width: number): number {
  const perLine = width - 2;
  let lines = 0;
  let start = 0;
  while (lines < MAX_LINES) {
    const end = text.indexOf('\n', start);
    const length = (end < 0 ? text.length : end) - start;
    lines += Math.max(1, Math.ceil(length / perLine));
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(lines, MAX_LINES);
}
