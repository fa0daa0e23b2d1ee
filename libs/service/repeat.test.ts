import { silentLogger } from '@waybill/observability';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { repeat } from './index.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('repeat', () => {
  it('runs the work after one interval, or immediately with atOnce', async () => {
    const later = vi.fn(() => Promise.resolve());
    const now = vi.fn(() => Promise.resolve());
    const common = { everyMs: 10, logger: silentLogger(), failure: 'failed' };
    const repeating = [repeat({ ...common, work: later }), repeat({ ...common, work: now, atOnce: true })];
    expect(later).not.toHaveBeenCalled();
    expect(now).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(15);
    expect(later).toHaveBeenCalledTimes(1);
    expect(now).toHaveBeenCalledTimes(2);
    for (const each of repeating) await each.stop();
  });

  it('runs the work again after a failed run', async () => {
    const work = vi.fn(() => Promise.reject(new Error('down')));
    const repeating = repeat({ everyMs: 10, logger: silentLogger(), failure: 'failed', work });
    await vi.advanceTimersByTimeAsync(35);
    expect(work).toHaveBeenCalledTimes(3);
    await repeating.stop();
  });

  it('runs the work once at a time, and waits for the current run when it is stopped', async () => {
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
