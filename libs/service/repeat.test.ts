import { silentLogger } from '@waybill/logging';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { repeat } from './index.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('repeated work', () => {
  it('goes on after a run that failed', async () => {
    const work = vi.fn(() => Promise.reject(new Error('away')));
    const repeating = repeat({ everyMs: 10, logger: silentLogger(), failure: 'failed', work });
    await vi.advanceTimersByTimeAsync(35);
    expect(work).toHaveBeenCalledTimes(3);
    await repeating.stop();
  });

  it('never runs twice at once, and a stop waits for the run at work', async () => {
    let finish: () => void = () => undefined;
    const work = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const repeating = repeat({ everyMs: 10, logger: silentLogger(), failure: 'failed', work });
    await vi.advanceTimersByTimeAsync(100);
    expect(work).toHaveBeenCalledTimes(1);
    let stopped = false;
    const stopping = repeating.stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(100);
    expect(stopped).toBe(false);
    finish();
    await stopping;
    expect(work).toHaveBeenCalledTimes(1);
  });
});
