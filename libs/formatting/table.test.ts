import { describe, expect, it } from 'vitest';
import { createFormatter, csvText, type JsonValue } from './index.ts';
import { asText, columnOf, firstCell, type TableCase } from './testing/table-case.ts';

const choices = [
  { key: 'wa', label: 'WhatsApp' },
  { key: 'ig', label: 'Instagram' },
  { key: 'odd', label: 'A;B\\C' },
  { key: 'unnamed', label: '' },
];
const text = { fieldType: 'text' };
const dropdown = { fieldType: 'dropdown', options: choices };
const multiple = { fieldType: 'multiple_select', options: choices };

const cases: readonly TableCase[] = [
  { title: 'text is the stored text', column: text, value: 'Budi', cell: 'Budi', csv: 'Budi' },
  {
    title: 'text keeps spaces at its ends',
    column: text,
    value: ' Budi ',
    cell: ' Budi ',
    csv: ' Budi ',
  },
  {
    title: 'text that is stored as a number is its plain decimal',
    column: text,
    value: 1e21,
    cell: '1000000000000000000000',
    csv: '1000000000000000000000',
  },
  {
    title: 'text that starts like a formula stays text and is guarded in CSV',
    column: text,
    value: '=1+1',
    cell: '=1+1',
    csv: "'=1+1",
  },
  {
    title: 'text_area keeps its line breaks',
    column: { fieldType: 'text_area' },
    value: 'one\r\ntwo\nthree',
    cell: 'one\r\ntwo\nthree',
    csv: 'one\r\ntwo\nthree',
  },
  {
    title: 'checkbox true is a boolean',
    column: { fieldType: 'checkbox' },
    value: true,
    cell: true,
    csv: 'TRUE',
  },
  {
    title: 'checkbox false is a boolean',
    column: { fieldType: 'checkbox' },
    value: false,
    cell: false,
    csv: 'FALSE',
  },
  {
    title: 'checkbox with another value than a boolean becomes text',
    column: { fieldType: 'checkbox' },
    value: 'yes',
    cell: asText('yes'),
    csv: 'yes',
  },
  { title: 'dropdown shows the label', column: dropdown, value: 'wa', cell: 'WhatsApp', csv: 'WhatsApp' },
  {
    title: 'dropdown shows a key without an option as it is',
    column: dropdown,
    value: 'gone',
    cell: 'gone',
    csv: 'gone',
  },
  {
    title: 'dropdown shows the key of an option with an empty label',
    column: dropdown,
    value: 'unnamed',
    cell: 'unnamed',
    csv: 'unnamed',
  },
  {
    title: 'multiple_select shows the key of an option with an empty label',
    column: multiple,
    value: ['unnamed', 'wa'],
    cell: 'unnamed; WhatsApp',
    csv: 'unnamed; WhatsApp',
  },
  {
    title: 'multiple_select leaves out null and the empty text',
    column: multiple,
    value: [null, 'wa', '', 'ig', null],
    cell: 'WhatsApp; Instagram',
    csv: 'WhatsApp; Instagram',
  },
  { title: 'multiple_select of null only is empty', column: multiple, value: [null], cell: null, csv: '' },
  {
    title: 'association leaves out null',
    column: { fieldType: 'association' },
    value: [null, 'PT Maju'],
    cell: 'PT Maju',
    csv: 'PT Maju',
  },
  {
    title: 'multiple_select joins the labels',
    column: multiple,
    value: ['ig', 'wa'],
    cell: 'Instagram; WhatsApp',
    csv: 'Instagram; WhatsApp',
  },
  {
    title: 'multiple_select escapes the separator within a label',
    column: multiple,
    value: ['odd', 'x;y'],
    cell: 'A\\;B\\\\C; x\\;y',
    csv: 'A\\;B\\\\C; x\\;y',
  },
  {
    title: 'multiple_select of one key is its label',
    column: multiple,
    value: 'wa',
    cell: 'WhatsApp',
    csv: 'WhatsApp',
  },
  { title: 'multiple_select of nothing is empty', column: multiple, value: [], cell: null, csv: '' },
  {
    title: 'phone in E.164 keeps its plus and is not guarded',
    column: { fieldType: 'phone' },
    value: '+6281234567890',
    cell: { kind: 'text', text: '+6281234567890', unguarded: true, asText: false },
    csv: '+6281234567890',
  },
  {
    title: 'phone in local form keeps its leading zero',
    column: { fieldType: 'phone' },
    value: '0812-3456',
    cell: '0812-3456',
    csv: '0812-3456',
  },
  {
    title: 'phone that calculates is guarded',
    column: { fieldType: 'phone' },
    value: '+1-1',
    cell: '+1-1',
    csv: "'+1-1",
  },
  {
    title: 'email is the stored text',
    column: { fieldType: 'email' },
    value: 'a@example.com',
    cell: 'a@example.com',
    csv: 'a@example.com',
  },
  {
    title: 'url is the stored text',
    column: { fieldType: 'url' },
    value: 'https://example.com/?a=1',
    cell: 'https://example.com/?a=1',
    csv: 'https://example.com/?a=1',
  },
  {
    title: 'id of digits only is text',
    column: { fieldType: 'id' },
    value: '0001',
    cell: '0001',
    csv: '0001',
  },
  {
    title: 'owner is the display name',
    column: { fieldType: 'owner' },
    value: 'Siti; Rahma',
    cell: 'Siti; Rahma',
    csv: 'Siti; Rahma',
  },
  {
    title: 'association joins the display names',
    column: { fieldType: 'association' },
    value: ['PT Maju', 'CV A;B'],
    cell: 'PT Maju; CV A\\;B',
    csv: 'PT Maju; CV A\\;B',
  },
  {
    title: 'unknown type is written as the text of its JSON',
    column: { fieldType: 'geo_point' },
    value: { lat: -6.2, tags: ['a'] },
    cell: '{"lat":-6.2,"tags":["a"]}',
    csv: '{"lat":-6.2,"tags":["a"]}',
  },
  {
    title: 'unknown type distinguishes a text from a number',
    column: { fieldType: 'constructor' },
    value: '1',
    cell: '"1"',
    csv: '"1"',
  },
];

describe('the table of field types [S05] [R1]', () => {
  it.each(cases)('$title', ({ column, value, cell, csv }) => {
    expect(firstCell('xlsx', column, value)).toEqual(cell);
    expect(csvText(firstCell('csv', column, value))).toBe(csv);
  });

  const types = [
    'text',
    'text_area',
    'number',
    'date',
    'datetime',
    'checkbox',
    'dropdown',
    'multiple_select',
    'phone',
    'email',
    'url',
    'id',
    'owner',
    'association',
    'unheard_of',
  ];
  it.each(types)('%s has no cell for a missing, null or empty value', (fieldType) => {
    for (const format of ['xlsx', 'csv'] as const) {
      const formatter = createFormatter({
        columns: [columnOf({ fieldType })],
        format,
        timezone: 'UTC',
        locale: 'en',
      });
      expect(formatter.row([null])).toEqual([null]);
      expect(formatter.row([''])).toEqual([null]);
      // A hole in a row is a missing value.
      expect(formatter.row(new Array<JsonValue>(1))).toEqual([null]);
    }
  });
});
