import { describe, expect, it } from 'vitest';
import { waitedMs } from '../stall.ts';

describe('the stall clock', () => {
  it('runs from the last message of the job', () => {
    expect(waitedMs({ lastMessageAt: 1_000, lastBehindAt: 0 }, 5_000)).toBe(4_000);
  });

  it("stands still while the partition has messages that were not read: they may be the job's", () => {
    expect(waitedMs({ lastMessageAt: 1_000, lastBehindAt: 4_500 }, 5_000)).toBe(500);
  });

  it('does not run backwards with the clock of the machine', () => {
    expect(waitedMs({ lastMessageAt: 6_000, lastBehindAt: 0 }, 5_000)).toBe(0);
  });
});
