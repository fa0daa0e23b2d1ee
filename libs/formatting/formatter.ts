import { ExportError } from '@waybill/errors';
import { CURRENCY_WORD, headersOf, titlesOf, type Heading } from './headers.ts';
import { ruleOf, type Rule } from './table.ts';
import type { Cell, Formatter, FormatterOptions, JsonValue, SheetColumn } from './types.ts';
import { zoneOffsets } from './zone.ts';

/**
 * Compiles the columns of a job: what depends on type, zone and format is decided here, once, and not per cell.
 * @throws ExportError `EXPORT_TIMEZONE_INVALID` when `timezone` is no IANA id.
 */
export function createFormatter({ columns, format, timezone, locale }: FormatterOptions): Formatter {
  const setting = { format, offsetAt: zoneOffsets(timezone) };
  const rules = columns.map((column) => ruleOf(column, setting));
  const titles = titlesOf(columns);
  const parts = columns.flatMap(({ name, fieldType }, at) => {
    const suffix = fieldType === 'datetime' ? { suffix: timezone } : {};
    return partsOf({ name, title: titles[at] ?? name, ...suffix }, rules[at], CURRENCY_WORD[locale]);
  });
  const headers = headersOf(parts);
  let rows = 0;

  function row(values: readonly JsonValue[]): Cell[] {
    rows++;
    if (values.length !== rules.length) {
      throw new ExportError('SHEET_ROW_LENGTH', {
        params: { row: rows, actual: values.length, expected: rules.length },
      });
    }
    const cells = new Array<Cell>(parts.length);
    let next = 0;
    for (let at = 0; at < rules.length; at++) {
      const rule = rules[at];
      if (rule === undefined) continue;
      const value = values[at];
      cells[next++] = rule.toCell(value);
      if (rule.codeCell !== undefined) cells[next++] = rule.codeCell(value);
    }
    return cells;
  }

  return {
    columns: parts.map(({ name, kind }, at) => ({ name, kind, header: headers[at] ?? name })),
    headers,
    row,
  };
}

type Part = Heading & Pick<SheetColumn, 'kind'>;

/** The columns of the sheet that one field makes: itself, and in CSV the code of a currency. */
function partsOf(heading: Heading, rule: Rule | undefined, currencyWord: string): Part[] {
  const own: Part = { ...heading, kind: rule?.kind ?? 'text' };
  if (rule?.codeCell === undefined) return [own];
  return [own, { ...heading, name: `${heading.name}.currency_code`, kind: 'text', suffix: currencyWord }];
}
