import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitBoundary } from '../watermark.ts';

describe('the offset that may be committed', () => {
  it('is the next one where no job is open', () => {
    expect(commitBoundary([], 17n)).toBe(17n);
  });

  it('never passes the first offset of a job that is open, so that a crash loses none of it', () => {
    // Jobs begin and end at offsets of one partition; at every offset the boundary is committed.
    const job = fc
      .tuple(fc.bigInt({ min: 0n, max: 50n }), fc.bigInt({ min: 0n, max: 50n }))
      .map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a }));
    fc.assert(
      fc.property(fc.array(job, { maxLength: 8 }), (jobs) => {
        let committed = 0n;
        for (let handled = 0n; handled <= 50n; handled += 1n) {
          const open = jobs.filter(({ first, last }) => first <= handled && handled < last);
          const boundary = commitBoundary(
            open.map(({ first }) => first),
            handled + 1n,
          );
          for (const { first } of open) expect(boundary <= first).toBe(true);
          // It only ever advances: a job that begins later begins above it.
          expect(boundary >= committed).toBe(true);
          committed = boundary;
        }
        expect(committed).toBe(51n);
      }),
    );
  });
});
