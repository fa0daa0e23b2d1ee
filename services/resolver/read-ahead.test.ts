import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAhead } from './read-ahead.ts';

interface Range {
  readonly from: number;
  readonly to: number;
}

describe('readAhead', () => {
  it('yields every position once and in order, however long each read takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        async (scheduler, to, concurrency, sizes) => {
          let asked = 0;
          const pieces = readAhead({
            from: 0,
            to,
            concurrency,
            size: () => sizes[asked++ % sizes.length] ?? 1,
            read: (range: Range) => scheduler.schedule(Promise.resolve(range)),
          });
          const seen: number[] = [];
          const reading = (async () => {
            for await (const piece of pieces) {
              for (let at = piece.from; at < piece.to; at += 1) seen.push(at);
            }
          })();
          await scheduler.waitFor(reading);
          expect(seen).toEqual(Array.from({ length: to }, (_, position) => position));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('has no more reads in flight than `concurrency`', async () => {
    let inFlight = 0;
    let most = 0;
    const pieces = readAhead({
      from: 0,
      to: 50,
      concurrency: 3,
      size: () => 2,
      read: async (range: Range) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await Promise.resolve();
        inFlight -= 1;
        return range;
      },
    });
    for await (const piece of pieces) expect(piece.to - piece.from).toBe(2);
    expect(most).toBe(3);
  });

  it('throws the first failure in order and leaves none unhandled', async () => {
    const pieces = readAhead({
      from: 0,
      to: 10,
      concurrency: 4,
      size: () => 2,
      read: ({ from }: Range) =>
        from >= 4 ? Promise.reject(new Error(`at ${from}`)) : Promise.resolve(from),
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const piece of pieces) seen.push(piece);
    })();
    await expect(reading).rejects.toThrow('at 4');
    expect(seen).toEqual([0, 2]);
  });
});
