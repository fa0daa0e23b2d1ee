import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from './row-height.ts';

describe('linesOf', () => {
  it.each([
    ['', 1],
    ['a short note', 1],
    ['x'.repeat(38), 1],
    ['x'.repeat(39), 2],
    ['one\ntwo\nthree', 3],
    ['one\n', 2],
    [`one\n${'x'.repeat(100)}`, 4],
    ['x'.repeat(32_767), 27],
    ['\n'.repeat(1000), 27],
  ])('estimates the lines of %j at a width of 40', (text, lines) => {
    expect(linesOf(text, 40)).toBe(lines);
  });

  it('never returns fewer lines for a longer text', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', ' ', '\n'), maxLength: 200 });
    fc.assert(
      fc.property(texts, texts, (text, more) => {
        expect(linesOf(text + more, 40)).toBeGreaterThanOrEqual(linesOf(text, 40));
      }),
    );
  });
});
