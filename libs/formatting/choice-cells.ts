import { isEmpty, plainText, textCell, type ToCell } from './text-cells.ts';
import { fallbackCell } from './text-cells.ts';
import type { Cell, ChoiceOption, JsonValue } from './types.ts';

const SEPARATOR = '; ';

/** Texts of lists that a column keeps at most. */
const MAX_KEPT_LISTS = 2000;

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
  const keptText = keptTexts(labels);
  return (value) => {
    if (isEmpty(value)) return null;
    return textCell(isList(value) ? (keptText(value) ?? joined(value, labelOf)) : labelOf(value));
  };
}

/** The text of a list of keys, and the lists that continue it, by their next key. */
interface KeptList {
  readonly text: string;
  readonly longer: Map<JsonValue, KeptList>;
}

/**
 * Returns the function that keeps the texts of lists, because contacts share few of them. It returns `undefined` for a list
 * with a key without a label, and when it keeps enough.
 */
function keptTexts(labels: ReadonlyMap<string, string>): (keys: readonly JsonValue[]) => string | undefined {
  const none: KeptList = { text: '', longer: new Map() };
  let room = MAX_KEPT_LISTS;

  function extend(list: KeptList, key: JsonValue): KeptList | undefined {
    const label = typeof key === 'string' ? labels.get(key) : undefined;
    if (label === undefined || room === 0) return undefined;
    room--;
    // Array.join makes a string in one piece. A concatenation has two, which slows down everyone who reads it.
    const text = list === none ? label : [list.text, label].join(SEPARATOR);
    const longer: KeptList = { text, longer: new Map() };
    list.longer.set(key, longer);
    return longer;
  }

  return (keys) => {
    let list: KeptList | undefined = none;
    for (const key of keys) {
      if (isEmpty(key)) continue;
      list = list.longer.get(key) ?? extend(list, key);
      if (list === undefined) return undefined;
    }
    return list.text;
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
