import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitBoundary } from './partition-state.ts';

describe('commitBoundary', () => {
  it('returns the next offset when no job is open', () => {
    expect(commitBoundary([], 17n)).toBe(17n);
  });

  it('never passes the first offset of an open job, so that a crash loses none of its messages', () => {
    // Jobs start and end at offsets of one partition. The boundary is committed at every offset.
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
          // The boundary only advances: a job that starts later starts above it.
          expect(boundary >= committed).toBe(true);
          committed = boundary;
        }
        expect(committed).toBe(51n);
      }),
    );
  });
});
