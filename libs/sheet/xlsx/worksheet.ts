import type { SheetColumn } from '@waybill/formatting';
import { columnLetters, tableRange } from './reference.ts';
import type { ReceiptRow } from '../types.ts';
import { STYLE } from './styles.ts';
import { cutToCell, xmlText } from './text.ts';

const PROLOGUE =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
  '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';

/** Widths in characters of the default font: ids of 24 characters fit, and numbers of 15 digits, which would show as `###`. */
const WIDTHS: Readonly<Record<SheetColumn['kind'], number>> = {
  text: 26,
  long_text: 40,
  number: 22,
  date: 12,
  datetime: 20,
  boolean: 10,
};

/** A header that is longer than its column's usual width gets room, up to here. */
const MAX_HEADER_WIDTH = 40;

/** Returns a worksheet up to its rows, in the order of CT_Worksheet (ECMA-376 §18.3.1.99): the header row stays in view. */
export function sheetHead(columns: readonly SheetColumn[], isFirst: boolean): string {
  const pane =
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>';
  return (
    PROLOGUE +
    `<sheetViews><sheetView${isFirst ? ' tabSelected="1"' : ''} workbookViewId="0">${pane}</sheetView></sheetViews>` +
    '<sheetFormatPr defaultRowHeight="15"/>' +
    widths(
      columns.map(({ kind, header }) =>
        Math.max(WIDTHS[kind], Math.min(header.length + 4, MAX_HEADER_WIDTH)),
      ),
    ) +
    '<sheetData>'
  );
}

/** Returns the rest of a worksheet of `rows` rows with its header: a filter over the whole table. */
export function sheetTail(columns: number, rows: number): string {
  return `</sheetData>${columns > 0 ? `<autoFilter ref="${tableRange(columns, rows)}"/>` : ''}</worksheet>`;
}

/** Returns the whole Receipt sheet: labels and values, one pair per row. */
export function receiptSheet(rows: readonly ReceiptRow[]): string {
  const lines = rows.map(({ label, value }, at) => {
    const number = at + 1;
    return `<row r="${number}">${textCell(0, number, label, STYLE.header)}${valueCell(number, value)}</row>`;
  });
  return `${PROLOGUE}<sheetFormatPr defaultRowHeight="15"/>${widths([32, 60])}<sheetData>${lines.join('')}</sheetData></worksheet>`;
}

function valueCell(row: number, value: string | number): string {
  return typeof value === 'number' && Number.isFinite(value)
    ? `<c r="B${row}"><v>${value}</v></c>`
    : textCell(1, row, String(value), 0);
}

function textCell(column: number, row: number, text: string, style: number): string {
  const content = xmlText(cutToCell(text))
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/\r/g, '&#13;');
  const reference = `${columnLetters(column)}${row}`;
  return `<c r="${reference}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${content}</t></is></c>`;
}

function widths(characters: readonly number[]): string {
  if (characters.length === 0) return '';
  const columns = characters.map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  return `<cols>${columns.join('')}</cols>`;
}
