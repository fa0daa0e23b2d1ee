import { describe, expect, it } from 'vitest';
import { exportColumns } from '../columns.ts';
import { defaultLayouts, defaultProperties } from '../default-layouts.ts';
import { createRowReader } from '../row-values.ts';
import { createContactMaker } from './contact.ts';

const recipe = { companyId: 'acme', seed: 1, newestAt: Date.UTC(2026, 10, 24) };
const contacts = Array.from({ length: 3000 }, (_, index) => createContactMaker(recipe)(index));
const texts = JSON.stringify(contacts);

describe('a seeded contact', () => {
  it('is the same each time, whichever others are made', () => {
    const make = createContactMaker(recipe);
    expect([2999, 7, 0].map(make)).toEqual([contacts[2999], contacts[7], contacts[0]]);
  });

  it('differs by seed, and has the same id', () => {
    const other = createContactMaker({ ...recipe, seed: 2 })(7);
    expect(other).not.toEqual(contacts[7]);
    expect(other._id).toBe(contacts[7]?._id);
  });

  it('has an id of its own in every company', () => {
    const others = Array.from({ length: 3000 }, (_, index) =>
      createContactMaker({ ...recipe, companyId: 'b' })(index),
    );
    const ids = [...contacts, ...others].map(({ _id }) => _id);
    expect(new Set(ids).size).toBe(6000);
    expect(ids.every((id) => /^[0-9a-f]{24}$/.test(id))).toBe(true);
  });

  it('is never younger than the one before it, and sometimes as old', () => {
    const ages = contacts.map((contact) => contact['created_at'] as Date); // the maker always sets it
    const ties = ages.filter((age, index) => index > 0 && age.getTime() === ages[index - 1]?.getTime());
    expect(ages.every((age, index) => index === 0 || age <= (ages[index - 1] ?? age))).toBe(true);
    expect(ties.length).toBe(75);
  });
});

describe('the seeded contacts together', () => {
  it('fill every field of the default view, and leave gaps of each kind', () => {
    const view = exportColumns(defaultProperties(), defaultLayouts()[0]?.fields ?? [], 'en');
    const reader = createRowReader(view);
    const rows = contacts.map((contact) => reader.read(contact));
    for (const [index, { name }] of view.entries()) {
      expect(rows.filter((row) => row[index] !== null && row[index] !== '').length, name).toBeGreaterThan(
        1000,
      );
    }
    expect(contacts.some((contact) => !('email' in contact))).toBe(true);
    expect(contacts.some((contact) => contact['email'] === null)).toBe(true);
    expect(contacts.some((contact) => contact['email'] === '')).toBe(true);
  });

  it.each([
    ['a phone number with its country', '"+62812'],
    ['a phone number with a leading zero', '"0812'],
    ['a postal code with a leading zero', '"02108"'],
    ['a formula', '"=HYPERLINK('],
    ['emoji that are made of several', '👩‍👩‍👧‍👦'],
    ['text from right to left', 'العميل'],
    ['a line break', '\\r\\n'],
    ['rupiah', '"IDR"'],
    ['dollars', '"USD"'],
    ['dinars', '"KWD"'],
    ['a day before spreadsheets count', '"1900-02-28"'],
    ['an instant before 1970', '"1969-12-31T23:59:59.999Z"'],
    ['an instant at which clocks change', '"2026-11-01T06:00:00.000Z"'],
    ['a number that no double holds', '12345678901234567890.123'],
  ])('hold %s', (_, text) => expect(texts.includes(text)).toBe(true));

  it('hold notes that are long', () => {
    const lengths = contacts.map((contact) => String(contact['notes']).length);
    expect(Math.max(...lengths)).toBeGreaterThan(2000);
  });
});
