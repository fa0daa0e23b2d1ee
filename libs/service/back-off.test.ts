import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delayAfter } from './back-off.ts';

const pace = { fromMs: 500, toMs: 30_000 };

describe('delayAfter', () => {
  it('doubles from the first delay to the longest', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failure) => delayAfter(failure, pace, 1));
    expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('returns at least half of the full delay and at most the full delay', () => {
    const failures = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(failures, fc.double({ min: 0, max: 1, noNaN: true }), (failure, random) => {
        const delay = delayAfter(failure, pace, random);
        expect(delay).toBeGreaterThanOrEqual(delayAfter(failure, pace, 1) / 2);
        expect(delay).toBeLessThanOrEqual(delayAfter(failure, pace, 1));
      }),
    );
  });

  it('returns different delays to instances that fail at the same time', () => {
    expect(delayAfter(3, pace, 0.1)).not.toBe(delayAfter(3, pace, 0.9));
  });
});
