import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, committable, holdAt, rewindTo, startAt, type Standing } from './partition-position.ts';

describe('where a partition stands', () => {
  it('commits what is handled while nothing is held', () => {
    expect(committable(advance(startAt(5n, undefined), 5n))).toBe(6n);
  });

  it('commits no further than a hold, whatever is handled after it', () => {
    let standing = holdAt(7n, 5n);
    standing = advance(advance(standing, 8n), 9n);
    expect(standing.position).toBe(10n);
    expect(committable(standing)).toBe(5n);
  });

  it('is free again with a boundary above the message', () => {
    expect(committable(advance(holdAt(7n, 8n), 8n))).toBe(9n);
  });

  it('holds what lies between the commit and the position that the consumer asks for', () => {
    expect(committable(startAt(3n, 10n))).toBe(3n);
    expect(committable(startAt(10n, 3n))).toBe(3n);
    expect(committable(startAt(10n, 10n))).toBe(10n);
  });

  it('reads again after a rewind and still holds', () => {
    const standing = rewindTo(holdAt(9n, 4n), 6n);
    expect(standing).toEqual({ position: 6n, heldFrom: 4n });
    expect(committable(rewindTo(holdAt(9n, 4n), 2n))).toBe(2n);
  });

  /** One message: handled, or handled with the oldest open work beginning at an offset. */
  const moves = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('advance' as const) }),
      fc.record({ kind: fc.constant('hold' as const), back: fc.bigInt({ min: 0n, max: 5n }) }),
    ),
  );

  it('never commits past open work, and never past what is handled', () => {
    fc.assert(
      fc.property(moves, (steps) => {
        let standing: Standing = startAt(10n, undefined);
        let open: bigint | undefined;
        for (const step of steps) {
          const offset = standing.position;
          if (step.kind === 'advance') {
            standing = advance(standing, offset);
          } else {
            open = offset - step.back;
            standing = holdAt(offset, open);
          }
          const commit = committable(standing);
          expect(commit).toBeLessThanOrEqual(standing.position);
          if (open !== undefined) expect(commit).toBe(open);
          else expect(commit).toBe(standing.position);
        }
      }),
    );
  });
});
