import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitFor } from './wait.ts';

describe('waitFor', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('returns the first value other than undefined, null and false', async () => {
    const values = [undefined, null, false, 0];
    const waiting = waitFor(() => values.shift(), { limitMs: 1_000, what: 'a value' });
    await vi.advanceTimersByTimeAsync(200);
    expect(await waiting).toBe(0);
  });

  it('waits on while the condition throws', async () => {
    let calls = 0;
    const waiting = waitFor(
      () => {
        calls += 1;
        if (calls < 3) throw new Error('refused');
        return calls;
      },
      { limitMs: 1_000, what: 'a connection' },
    );
    await vi.advanceTimersByTimeAsync(200);
    expect(await waiting).toBe(3);
  });

  it('rejects at its limit with what was waited for and the last error', async () => {
    const waiting = waitFor(() => Promise.reject(new Error('refused')), {
      limitMs: 300,
      what: 'Kafka to answer',
    });
    const failed = expect(waiting).rejects.toThrow(
      'waited for Kafka to answer, in vain for 300 ms; the last failure was: refused',
    );
    await vi.advanceTimersByTimeAsync(400);
    await failed;
  });
});
