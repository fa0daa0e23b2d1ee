import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrozenList } from './frozen-list.ts';

describe('FrozenList', () => {
  const chunks = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });

  it('returns the ids of any range, wherever the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.nat(), fc.nat(), async (counts, a, b) => {
        const all = counts.flatMap((count, chunk) =>
          Array.from({ length: count }, (_, at) => `${chunk}.${at}`),
        );
        const stored = counts.map((count, chunk) => ({ id: String(chunk), count }));
        const list = createFrozenList(stored, (id) =>
          Promise.resolve(all.filter((one) => one.startsWith(`${id}.`))),
        );
        const [from = 0, to = 0] = [a % (all.length + 1), b % (all.length + 1)].sort((x, y) => x - y);
        expect(await list.ids(from, to)).toEqual(all.slice(from, to));
      }),
    );
  });

  it('loads a chunk once for consecutive reads', async () => {
    let loads = 0;
    const list = createFrozenList([{ id: 'a', count: 4 }], () => {
      loads += 1;
      return Promise.resolve(['1', '2', '3', '4']);
    });
    await Promise.all([list.ids(0, 2), list.ids(2, 4)]);
    expect(loads).toBe(1);
  });

  it('loads a chunk again that could not be loaded', async () => {
    let loads = 0;
    const list = createFrozenList([{ id: 'a', count: 1 }], () => {
      loads += 1;
      return loads === 1 ? Promise.reject(new Error('away')) : Promise.resolve(['1']);
    });
    await expect(list.ids(0, 1)).rejects.toThrow('away');
    expect(await list.ids(0, 1)).toEqual(['1']);
  });
});
