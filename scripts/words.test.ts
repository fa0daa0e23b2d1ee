import { describe, expect, it } from 'vitest';
import { faultsIn } from './words.ts';

// Built at run time, so that this file does not contain the words.
const word = (...syllables: string[]): string => syllables.join('');

describe('faultsIn', () => {
  it('returns the place, the word and its replacement', () => {
    const text = `One line.\nIt starts ${word('an', 'ew')}.`;
    expect(faultsIn('docs/a.md', text)).toEqual([`docs/a.md:2: "${word('an', 'ew')}" (instead: again)`]);
  });

  it('returns one fault for each rule that a line breaks', () => {
    expect(faultsIn('a.ts', `${word('who', 'ever')} ${word('he', 'ars')}`)).toHaveLength(2);
  });

  it('finds a word in any case, but not inside of another word', () => {
    expect(faultsIn('a.ts', word('AN', 'EW'))).toHaveLength(1);
    expect(faultsIn('a.ts', 'believes, hearing, storytellers')).toEqual([]);
  });

  it('returns nothing for plain words', () => {
    expect(faultsIn('a.ts', 'There is no entry. It is no longer read.')).toEqual([]);
  });
});
