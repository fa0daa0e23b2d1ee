import { CURRENCY_WORD, headersOf, titlesOf, type Heading } from './headers.ts';
import { ruleOf, type Rule } from './table.ts';
import { fallbackCell, type ToCell } from './text-cells.ts';
import type { Cell, Formatter, FormatterOptions, JsonValue, SheetColumn } from './types.ts';
import { zoneOffsets } from './zone.ts';

/**
 * Compiles the columns of a job: what depends on type, zone and format is decided here, once, and not per cell.
 * @throws ExportError `EXPORT_TIMEZONE_INVALID` if `timezone` is not an IANA id.
 */
export function createFormatter({ columns, format, timezone, locale }: FormatterOptions): Formatter {
  const setting = { format, offsetAt: zoneOffsets(timezone) };
  const rules = columns.map((column) => ruleOf(column, setting));
  const titles = titlesOf(columns);
  const sheetColumns = columns.flatMap(({ name, fieldType }, at) => {
    const suffix = fieldType === 'datetime' ? { suffix: timezone } : {};
    return sheetColumnsOf({ name, title: titles[at] ?? name, ...suffix }, rules[at], CURRENCY_WORD[locale]);
  });
  const headers = headersOf(sheetColumns);

  function row(values: readonly JsonValue[]): Cell[] {
    const cells = new Array<Cell>(sheetColumns.length);
    let next = 0;
    for (let at = 0; at < values.length; at++) {
      const rule = rules[at];
      // A value without a column makes the row too long, which the writer rejects.
      cells[next++] = rule === undefined ? null : cellOf(rule.toCell, values[at]);
      if (rule?.codeCell !== undefined) cells[next++] = cellOf(rule.codeCell, values[at]);
    }
    if (next !== cells.length) cells.length = next;
    return cells;
  }

  return {
    columns: sheetColumns.map(({ name, kind }, at) => ({ name, kind, header: headers[at] ?? name })),
    headers,
    row,
  };
}

/** Applies a rule. A value that makes the rule throw becomes text that the receipt counts: no value may end a job. */
function cellOf(toCell: ToCell, value: JsonValue | undefined): Cell {
  try {
    return toCell(value);
  } catch {
    return fallbackCell(value ?? null);
  }
}

type HeadedColumn = Heading & Pick<SheetColumn, 'kind'>;

/** Returns the columns of the sheet for one field: itself, and in CSV the code of a currency. */
function sheetColumnsOf(heading: Heading, rule: Rule | undefined, currencyWord: string): HeadedColumn[] {
  const own: HeadedColumn = { ...heading, kind: rule?.kind ?? 'text' };
  if (rule?.codeCell === undefined) return [own];
  return [own, { ...heading, name: `${heading.name}.currency_code`, kind: 'text', suffix: currencyWord }];
}
