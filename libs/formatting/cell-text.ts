import { decimalText } from './decimal.ts';
import { guardFormula } from './guard.ts';
import { amountText, dateTimeText, dayText, percentageText } from './text-form.ts';
import type { Cell, StyledCell } from './types.ts';

/**
 * The text that a cell has in CSV, with the formula guard where the text is not a number's, before quoting.
 * @returns `undefined` when the value is no cell.
 */
export function csvText(cell: Cell): string | undefined {
  if (cell === null) return '';
  switch (typeof cell) {
    case 'string':
      return guardFormula(cell);
    case 'number':
      return decimalText(cell);
    case 'boolean':
      return cell ? 'TRUE' : 'FALSE';
    default:
      return styledText(cell);
  }
}

function styledText(cell: StyledCell): string | undefined {
  switch (cell.kind) {
    case 'text':
      return cell.unguarded ? cell.text : guardFormula(cell.text);
    case 'percentage':
      return percentageText(cell.percent);
    case 'currency':
      return amountText(cell);
    case 'date':
      return dayText(cell.day);
    case 'datetime':
      return dateTimeText(cell);
    default:
      return undefined;
  }
}
