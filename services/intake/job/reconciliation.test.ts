import { describe, expect, it } from 'vitest';
import { sampleJob } from '../testing/sample-job.ts';
import { lastProgressAt, mayResolveAgain, nextRepeat } from './reconciliation.ts';

const minute = 60_000;
const hour = 60 * minute;
const rules = { afterMs: 15 * minute, longestPauseMs: 8 * hour, maximumRepeats: 7 };
const overdue = { reason: 'overdue', now: 1_000 } as const;

describe('nextRepeat', () => {
  it('counts from 1 and asks for an answer', () => {
    expect(nextRepeat(sampleJob(), overdue, rules)).toMatchObject({ count: 1, action: 'answer' });
  });

  it('asks to resolve the job again when batches are lost', () => {
    const lost = { reason: 'batches lost', now: 0 } as const;
    expect(nextRepeat(sampleJob(), lost, rules)).toMatchObject({ count: 1, action: 'resolve' });
  });

  it('fails the job after the limit, whatever the reason is', () => {
    const repeats = { count: 7, action: 'answer', due_at: 0 } as const;
    for (const reason of ['overdue', 'batches lost'] as const) {
      const next = nextRepeat({ repeats }, { reason, now: 0 }, rules);
      expect(next).toMatchObject({ count: 8, action: 'fail' });
    }
  });

  it('lets more than a day pass before it fails a job that is only overdue', () => {
    let now = rules.afterMs;
    let job = nextRepeat(sampleJob(), { reason: 'overdue', now }, rules);
    const pauses: number[] = [];
    while (job.action !== 'fail') {
      pauses.push((job.due_at - now) / minute);
      now = job.due_at;
      job = nextRepeat({ repeats: job }, { reason: 'overdue', now }, rules);
    }
    expect(pauses).toEqual([30, 60, 120, 240, 480, 480, 480]);
    expect(now / hour).toBe(31.75);
  });
});

describe('mayResolveAgain', () => {
  it('allows it unless the resolver was asked a short time ago', () => {
    const asked = sampleJob({ repeats: { count: 1, action: 'resolve', due_at: 2_000 } });
    expect(mayResolveAgain(sampleJob(), 1_000)).toBe(true);
    expect(
      mayResolveAgain(sampleJob({ repeats: { count: 1, action: 'answer', due_at: 2_000 } }), 1_000),
    ).toBe(true);
    expect(mayResolveAgain(asked, 1_000)).toBe(false);
    expect(mayResolveAgain(asked, 2_000)).toBe(true);
  });
});

describe('lastProgressAt', () => {
  it('is the acceptance of the attempt until it has made progress', () => {
    expect(lastProgressAt({ queued_at: 5, progress_at: null })).toBe(5);
    expect(lastProgressAt({ queued_at: 5, progress_at: 9 })).toBe(9);
  });
});
