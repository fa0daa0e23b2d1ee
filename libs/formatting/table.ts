import { checkboxCell, dropdownCell, multipleSelectCell, referenceCell } from './choice-cells.ts';
import { amountCell, currencyCell, currencyCodeCell, numberCell, percentageCell } from './number-cells.ts';
import { jsonCell, phoneCell, textCell, type ToCell } from './text-cells.ts';
import { dateCell, dateTimeCell } from './time-cells.ts';
import type { Column, FieldType, FormatterOptions, SheetColumn } from './types.ts';
import type { OffsetAt } from './zone.ts';

/** What the rules of a job's columns may depend on. */
export interface Setting {
  readonly format: FormatterOptions['format'];
  readonly offsetAt: OffsetAt;
}

/** How one column becomes cells. */
export interface Rule {
  readonly kind: SheetColumn['kind'];
  readonly toCell: ToCell;
  /** CSV only: the code of a currency, in a column after it. */
  readonly codeCell?: ToCell;
}

type RuleOf = (column: Column, setting: Setting) => Rule;

/** The table: one rule per field type. */
const TABLE: Readonly<Record<FieldType, RuleOf>> = {
  text: () => ({ kind: 'text', toCell: textCell }),
  text_area: () => ({ kind: 'long_text', toCell: textCell }),
  number: numberRule,
  date: () => ({ kind: 'date', toCell: dateCell }),
  datetime: (_, { offsetAt }) => ({ kind: 'datetime', toCell: dateTimeCell(offsetAt) }),
  checkbox: () => ({ kind: 'boolean', toCell: checkboxCell }),
  dropdown: ({ options = [] }) => ({ kind: 'text', toCell: dropdownCell(options) }),
  multiple_select: ({ options = [] }) => ({ kind: 'long_text', toCell: multipleSelectCell(options) }),
  phone: () => ({ kind: 'text', toCell: phoneCell }),
  email: () => ({ kind: 'text', toCell: textCell }),
  url: () => ({ kind: 'text', toCell: textCell }),
  id: () => ({ kind: 'text', toCell: textCell }),
  owner: () => ({ kind: 'text', toCell: referenceCell }),
  association: () => ({ kind: 'long_text', toCell: referenceCell }),
};

/** Returns the rule of a column; values of an unknown type are written as JSON. */
export function ruleOf(column: Column, setting: Setting): Rule {
  return isFieldType(column.fieldType)
    ? TABLE[column.fieldType](column, setting)
    : { kind: 'text', toCell: jsonCell };
}

function numberRule({ numberType }: Column, { format }: Setting): Rule {
  if (numberType === 'percentage') return { kind: 'number', toCell: percentageCell };
  if (numberType !== 'currency') return { kind: 'number', toCell: numberCell };
  return format === 'csv'
    ? { kind: 'number', toCell: amountCell, codeCell: currencyCodeCell }
    : { kind: 'number', toCell: currencyCell };
}

function isFieldType(fieldType: string): fieldType is FieldType {
  return Object.hasOwn(TABLE, fieldType);
}
