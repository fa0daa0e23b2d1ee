import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunksOf, inParallel } from './chunks.ts';

describe('chunksOf', () => {
  it('chunksOf keeps every item and makes no chunk too large', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), (list, size) => {
        const chunks = chunksOf(list, size);
        expect(chunks.flat()).toEqual(list);
        expect(chunks.every((chunk) => chunk.length > 0 && chunk.length <= size)).toBe(true);
      }),
    );
  });
});

describe('inParallel', () => {
  it('inParallel keeps the order of the items and runs at most the given number at a time', async () => {
    let underWay = 0;
    let most = 0;
    const results = await inParallel([5, 4, 3, 2, 1, 0], 2, async (item) => {
      underWay += 1;
      most = Math.max(most, underWay);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      underWay -= 1;
      return item * 10;
    });
    expect(results).toEqual([50, 40, 30, 20, 10, 0]);
    expect(most).toBe(2);
  });

  it('inParallel rejects with the first failure and starts no further item', async () => {
    const started: number[] = [];
    const run = inParallel([1, 2, 3, 4], 1, (item) => {
      started.push(item);
      return item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item);
    });
    await expect(run).rejects.toThrow('two');
    expect(started).toEqual([1, 2]);
  });
});
