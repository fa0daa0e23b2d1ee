import { ExportError } from '@waybill/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterHandled, afterOpened, pauseMs, waitLonger, type Waiting } from './waiting.ts';

const cause = new ExportError('STORAGE_UNAVAILABLE');
const limits = { backoffFromMs: 500, backoffToMs: 30_000 };

/** Returns the wait after failures at these offsets, one second apart. */
function failAt(...offsets: readonly bigint[]): Waiting | undefined {
  return offsets.reduce<Waiting | undefined>(
    (waiting, offset, index) => waitLonger(waiting, { cause, offset, at: index * 1_000 }),
    undefined,
  );
}

describe('the wait of a partition', () => {
  it('starts with the first failure, counts the next ones and names the last cause', () => {
    const waiting = failAt(7n, 7n);
    const at = 5_000;
    expect(waitLonger(waiting, { cause: new ExportError('SERVICE_UNAVAILABLE'), offset: 7n, at })).toEqual({
      cause: 'SERVICE_UNAVAILABLE',
      since: 0,
      failures: 3,
      until: 7n,
    });
  });

  it('doubles its pauses up to 30 s', () => {
    const pauses = [1, 2, 3, 7, 8, 9_000].map((failures) =>
      pauseMs({ cause: 'EXPORT_FAILED', since: 0, failures, until: 0n }, limits),
    );
    expect(pauses).toEqual([500, 1_000, 2_000, 30_000, 30_000, 30_000]);
  });

  it('does not end with messages that are read again before the one that failed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 50n }), { minLength: 1 }),
        fc.nat(60),
        (failed, offset) => {
          const waiting = failAt(...failed);
          const highest = failed.reduce((most, one) => (one > most ? one : most));
          const expected = BigInt(offset) < highest ? waiting : undefined;
          expect(afterHandled(waiting, BigInt(offset))).toBe(expected);
        },
      ),
    );
  });

  it('ends when the partition was opened, unless a message that has failed is still ahead', () => {
    const unopened = waitLonger(undefined, { cause, offset: undefined, at: 0 });
    expect(afterOpened(unopened, 0n)).toBeUndefined();
    expect(afterOpened(failAt(7n), 7n)).toEqual(failAt(7n));
    expect(afterOpened(failAt(7n), 8n)).toBeUndefined();
    expect(afterOpened(undefined, 0n)).toBeUndefined();
  });
});
