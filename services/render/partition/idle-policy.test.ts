import { describe, expect, it } from 'vitest';
import { waitedMs } from './idle-policy.ts';

describe('waitedMs', () => {
  it('counts from the last message of the job', () => {
    expect(waitedMs({ lastMessageAt: 1_000, lastBehindAt: 0 }, 5_000)).toBe(4_000);
  });

  it("stops while the partition has unread messages, since they may be the job's", () => {
    expect(waitedMs({ lastMessageAt: 1_000, lastBehindAt: 4_500 }, 5_000)).toBe(500);
  });

  it('never returns a negative number when the clock of the machine is set back', () => {
    expect(waitedMs({ lastMessageAt: 6_000, lastBehindAt: 0 }, 5_000)).toBe(0);
  });
});
