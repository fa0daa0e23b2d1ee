import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  committable,
  holdAt,
  rewindTo,
  startAt,
  type PartitionPosition,
} from './partition-position.ts';

describe('the position of a partition', () => {
  it('commits handled messages while nothing is held', () => {
    expect(committable(advance(startAt(5n, undefined), 5n))).toBe(6n);
  });

  it('commits no further than a hold, whichever messages are handled after it', () => {
    let position = holdAt(7n, 5n);
    position = advance(advance(position, 8n), 9n);
    expect(position.next).toBe(10n);
    expect(committable(position)).toBe(5n);
  });

  it('is not held after a boundary above the message', () => {
    expect(committable(advance(holdAt(7n, 8n), 8n))).toBe(9n);
  });

  it('holds the messages between the commit and a later start that the consumer asks for', () => {
    expect(committable(startAt(3n, 10n))).toBe(3n);
    expect(committable(startAt(10n, 3n))).toBe(3n);
    expect(committable(startAt(10n, 10n))).toBe(10n);
  });

  it('keeps its hold after a rewind', () => {
    const position = rewindTo(holdAt(9n, 4n), 6n);
    expect(position).toEqual({ next: 6n, heldFrom: 4n });
    expect(committable(rewindTo(holdAt(9n, 4n), 2n))).toBe(2n);
  });

  /** One message: handled, or handled with the oldest open work starting at an offset. */
  const moves = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('advance' as const) }),
      fc.record({ kind: fc.constant('hold' as const), back: fc.bigInt({ min: 0n, max: 5n }) }),
    ),
  );

  it('never commits past open work or past unhandled messages', () => {
    fc.assert(
      fc.property(moves, (steps) => {
        let position: PartitionPosition = startAt(10n, undefined);
        let open: bigint | undefined;
        for (const step of steps) {
          const offset = position.next;
          if (step.kind === 'advance') {
            position = advance(position, offset);
          } else {
            open = offset - step.back;
            position = holdAt(offset, open);
          }
          const commit = committable(position);
          expect(commit).toBeLessThanOrEqual(position.next);
          if (open !== undefined) expect(commit).toBe(open);
          else expect(commit).toBe(position.next);
        }
      }),
    );
  });
});
