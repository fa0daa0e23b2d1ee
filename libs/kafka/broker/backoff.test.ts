import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, pause, retryUntilDone } from './backoff.ts';

const limits = { backoffFromMs: 1, backoffToMs: 2 };

describe('backoffMs', () => {
  it('doubles the wait from the first to the longest', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((failures) => backoffMs(failures, 500, 30_000))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000,
    ]);
  });

  it('returns a wait within its limits after any number of failures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.integer({ min: 0, max: 1_000 }), (failures, fromMs) => {
        const waitMs = backoffMs(failures, fromMs, 30_000);
        expect(waitMs).toBeGreaterThanOrEqual(fromMs);
        expect(waitMs).toBeLessThanOrEqual(30_000);
      }),
    );
  });
});

describe('pause', () => {
  it('returns whether it waited to the end, and never rejects', async () => {
    const controller = new AbortController();
    await expect(pause(1, controller.signal)).resolves.toBe(true);
    const waiting = pause(60_000, controller.signal);
    controller.abort();
    await expect(waiting).resolves.toBe(false);
    await expect(pause(60_000, controller.signal)).resolves.toBe(false);
  });
});

describe('retryUntilDone', () => {
  it('calls again until it succeeds and reports each failure', async () => {
    const failures: number[] = [];
    let calls = 0;
    const action = () => {
      calls += 1;
      return calls < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve('done');
    };
    const result = await retryUntilDone(action, limits, new AbortController().signal, (_, count) =>
      failures.push(count),
    );
    expect(result).toEqual({ value: 'done' });
    expect(failures).toEqual([1, 2, 3]);
  });

  it('makes its first call even when the signal is already aborted, and then stops', async () => {
    let calls = 0;
    const action = () => {
      calls += 1;
      return Promise.reject(new Error('never'));
    };
    const signal = AbortSignal.abort();
    expect(await retryUntilDone(action, limits, signal, () => undefined)).toBeUndefined();
    expect(calls).toBe(1);
    expect(
      await retryUntilDone(
        () => Promise.resolve(1),
        limits,
        signal,
        () => undefined,
      ),
    ).toEqual({ value: 1 });
  });
});
