import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SheetNames } from './sheet-names.ts';

describe('SheetNames', () => {
  it.each([
    ['Contacts', 'Contacts'],
    ['a[b]c:d*e?f/g\\h', 'a_b_c_d_e_f_g_h'],
    ["'quoted'", '_quoted_'],
    ["  'first", '_first'],
    ["last' ", 'last_'],
    ['x'.repeat(40), 'x'.repeat(31)],
    [`${'x'.repeat(30)}😀`, 'x'.repeat(30)],
    [`${'x'.repeat(30)}'y`, `${'x'.repeat(30)}_`],
    ['', 'Sheet'],
    ['  ', 'Sheet'],
    ['History', 'History (2)'],
    ['a\u0000b', 'a_b'],
  ])('turns %j into %j', (wanted, name) => {
    expect(new SheetNames().next(wanted)).toBe(name);
  });

  it('numbers a name that is taken, compared without case', () => {
    const names = new SheetNames();
    expect([names.next('Contacts'), names.next('contacts'), names.next('Contacts')]).toEqual([
      'Contacts',
      'contacts (2)',
      'Contacts (3)',
    ]);
  });

  it('returns valid names that all differ, for every input', () => {
    const hostile = fc.string({ unit: fc.constantFrom("'", ' ', '\t', 'a', '😀'), maxLength: 40 });
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), hostile);
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 6 }), (wanted) => {
        const names = new SheetNames();
        const given = wanted.map((name) => names.next(name));
        expect(new Set(given.map((name) => name.toLowerCase())).size).toBe(given.length);
        for (const name of given) {
          expect(name).toMatch(/^[^[\]:*?/\\']([^[\]:*?/\\]*[^[\]:*?/\\'])?$/u);
          expect(name.length).toBeLessThanOrEqual(31);
          expect(name.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});
