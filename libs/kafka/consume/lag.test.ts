import { describe, expect, it } from 'vitest';
import { lagOf } from './lag.ts';

const facts = { position: 10n, highWatermark: 15n, headTimestamp: undefined, unreadSince: 40_000 };

describe('lagOf', () => {
  it('is zero at the end of the partition and beyond the reported high watermark', () => {
    expect(lagOf({ ...facts, highWatermark: 10n }, 60_000)).toEqual({ messages: 0, seconds: 0 });
    expect(lagOf({ ...facts, highWatermark: 9n }, 60_000)).toEqual({ messages: 0, seconds: 0 });
  });

  it('counts messages from the position and seconds from the current message', () => {
    expect(lagOf({ ...facts, headTimestamp: 30_000 }, 60_000)).toEqual({ messages: 5, seconds: 30 });
  });

  it('counts seconds since messages were seen waiting if there is no current message', () => {
    expect(lagOf(facts, 60_000)).toEqual({ messages: 5, seconds: 20 });
  });

  it('is never negative, also with a sender whose clock is ahead', () => {
    expect(lagOf({ ...facts, headTimestamp: 99_000 }, 60_000).seconds).toBe(0);
  });
});
