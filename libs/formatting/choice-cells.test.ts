import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFormatter, type Cell, type JsonValue } from './index.ts';

const options = [
  { key: 'wa', label: 'WhatsApp' },
  { key: 'ig', label: 'Instagram' },
  { key: 'odd', label: 'A;B\\C' },
];
/** What a test stores as one of the keys. */
type Key = string | number | boolean | null;

const LABELS = new Map([
  ['wa', 'WhatsApp'],
  ['ig', 'Instagram'],
  ['odd', 'A\\;B\\\\C'],
]);

/** Returns the function from a value to its cell, in one column of a file. */
function multipleSelect(): (value: JsonValue) => Cell {
  const columns = [{ name: 'channels', header: 'Channels', fieldType: 'multiple_select', options }];
  const { row } = createFormatter({ columns, format: 'csv', timezone: 'UTC', locale: 'en' });
  return (value) => row([value])[0] ?? null;
}

/** Returns the cell of a list as the rule is documented. */
function expected(keys: readonly Key[]): Cell {
  const present = keys.filter((key) => key !== null && key !== '');
  return present.map((key) => LABELS.get(String(key)) ?? String(key)).join('; ') || null;
}

describe('the lists of a multiple_select', () => {
  it('have the text of their own keys in their own order, whatever lists came before', () => {
    const keys = fc.constantFrom<Key[]>('wa', 'ig', 'odd', 'unknown', 7, true, null, '');
    fc.assert(
      fc.property(fc.array(fc.array(keys, { maxLength: 4 }), { maxLength: 40 }), (lists) => {
        const cellOf = multipleSelect();
        expect(lists.map(cellOf)).toEqual(lists.map(expected));
      }),
    );
  });

  it('have the same text when there are more of them than a column keeps', () => {
    const keys = options.map(({ key }) => key);
    let lists: string[][] = [[]];
    for (let length = 1; length <= 7; length++) {
      lists = lists.flatMap((list) => keys.map((key) => [...list, key]));
    }
    const cellOf = multipleSelect();
    const cells = lists.map(expected);
    expect(lists).toHaveLength(2187);
    expect(lists.map(cellOf)).toEqual(cells);
    expect(lists.map(cellOf)).toEqual(cells);
  });
});
