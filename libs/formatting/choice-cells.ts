import { isEmpty, plainText, textCell, type ToCell } from './text-cells.ts';
import { fallbackCell } from './text-cells.ts';
import type { Cell, ChoiceOption, JsonValue } from './types.ts';

const SEPARATOR = '; ';

/** Returns the cell of a checkbox: a boolean, or the text of any other value. */
export function checkboxCell(value: JsonValue | undefined): Cell {
  if (typeof value === 'boolean') return value;
  return isEmpty(value) ? null : fallbackCell(value);
}

/** Returns the rule of a dropdown: the label of the stored key. A key without a label is shown as it is. */
export function dropdownCell(options: readonly ChoiceOption[]): ToCell {
  const labels = labelsOf(options);
  return (value) => {
    if (isEmpty(value)) return null;
    const key = plainText(value);
    return textCell(labels.get(key) ?? key);
  };
}

/** Returns the rule of a multiple_select: the labels of the stored keys in their stored order, separated by `; `. */
export function multipleSelectCell(options: readonly ChoiceOption[]): ToCell {
  const labels = new Map([...labelsOf(options)].map(([key, label]) => [key, escapeSeparator(label)]));
  const labelOf = (key: JsonValue) => labels.get(plainText(key)) ?? escapeSeparator(plainText(key));
  return (value) => {
    if (isEmpty(value)) return null;
    return textCell(isList(value) ? joined(value, labelOf) : labelOf(value));
  };
}

/** Returns the cell of an owner or association: the display name, or several names separated by `; `. */
export function referenceCell(value: JsonValue | undefined): Cell {
  if (isEmpty(value)) return null;
  return textCell(isList(value) ? joined(value, (name) => escapeSeparator(plainText(name))) : value);
}

function labelsOf(options: readonly ChoiceOption[]): Map<string, string> {
  return new Map(options.filter(({ label }) => label !== '').map(({ key, label }) => [key, label]));
}

/**
 * Joins the items of a list in their order, without the empty ones. Most lists have one or two items, for which an array
 * to join costs more than it saves.
 */
function joined(values: readonly JsonValue[], textOf: (value: JsonValue) => string): string {
  let text = '';
  for (const value of values) {
    if (isEmpty(value)) continue;
    text = text === '' ? textOf(value) : text + SEPARATOR + textOf(value);
  }
  return text;
}

/** Escapes `;` and `\` within an item by `\`, so that a reader can split the list again. */
function escapeSeparator(part: string): string {
  return part.replace(/[;\\]/g, '\\$&');
}

/** Returns whether a value is a list. Array.isArray does not narrow a readonly array in a union. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
