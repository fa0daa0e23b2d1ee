export { civilOf, dayOf, FIRST_SHEET_DAY, LAST_SHEET_DAY, type CivilDate } from './calendar.ts';
export { currencySymbols } from './currency-symbols.ts';
export { decimalText, percentRatio } from './decimal.ts';
export { createFormatter } from './formatter.ts';
export { guardFormula, isE164, isFormulaLike } from './guard.ts';
export { amountText, csvText, dateTimeText, dayText, percentageText } from './text-form.ts';
export type {
  Cell,
  ChoiceOption,
  Column,
  Currency,
  CurrencyCell,
  DateCell,
  DateTimeCell,
  FieldType,
  Formatter,
  FormatterOptions,
  JsonValue,
  NumberType,
  PercentageCell,
  SheetColumn,
  StyledCell,
  TextCell,
} from './types.ts';
