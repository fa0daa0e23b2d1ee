import { describe, expect, it } from 'vitest';
import { fragmentsOf, importCycles } from './house.ts';

const file = (path: string, imports: readonly string[] = [], lines = 10) => ({ path, imports, lines });

describe('importCycles', () => {
  it('returns nothing if all imports have one direction', () => {
    expect(importCycles([file('a', ['b', 'c']), file('b', ['c']), file('c')])).toEqual([]);
  });

  it('returns files that import each other, directly or over other files', () => {
    const cycles = importCycles([file('a', ['b']), file('b', ['c']), file('c', ['a']), file('d', ['a'])]);
    expect(cycles.map((cycle) => [...cycle].sort())).toEqual([['a', 'b', 'c']]);
  });

  it('returns two separate cycles although one imports the other', () => {
    const cycles = importCycles([
      file('a', ['b', 'c']),
      file('b', ['a']),
      file('c', ['d']),
      file('d', ['c']),
    ]);
    expect(cycles.map((cycle) => [...cycle].sort()).sort()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('ignores imports of files that it was not given', () => {
    expect(importCycles([file('a', ['node_modules/x'])])).toEqual([]);
  });
});

describe('fragmentsOf', () => {
  it('returns a file of at most 45 lines with exactly one importer', () => {
    const files = [file('main', ['small', 'large'], 100), file('small', [], 45), file('large', [], 46)];
    expect(fragmentsOf(files)).toEqual(['small']);
  });

  it('leaves out a file that two files or no file imports', () => {
    expect(fragmentsOf([file('a', ['shared']), file('b', ['shared']), file('shared')])).toEqual([]);
  });
});
