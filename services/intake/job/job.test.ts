import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyCompleted,
  applyProgress,
  isTerminal,
  keptUntil,
  nextAttempt,
  type Job,
  type JobChange,
} from './job.ts';
import {
  acceptedAt,
  sampleCompleted,
  sampleFailed,
  sampleJob,
  sampleProgress,
} from '../testing/sample-job.ts';

const changed = (job: Job, change: JobChange): Job => ({ ...job, ...change });

describe('applyProgress', () => {
  it('changes a queued job to processing and increments the version', () => {
    const job = changed(sampleJob(), applyProgress(sampleJob(), sampleProgress()));
    expect(job).toMatchObject({ status: 'processing', phase: 'rendering', written: 250, version: 2 });
    expect(job.started_at).toBe(acceptedAt + 1_000);
  });

  it('ignores reports of another attempt and reports after the end', () => {
    expect(applyProgress(sampleJob({ attempt: 2 }), sampleProgress())).toBeUndefined();
    expect(applyProgress(sampleJob({ status: 'failed' }), sampleProgress())).toBeUndefined();
  });

  it('ignores an earlier phase and an older report', () => {
    const job = sampleJob({ status: 'processing', phase: 'rendering', progress_at: acceptedAt + 5_000 });
    expect(
      applyProgress(job, sampleProgress({ phase: 'resolving', at: acceptedAt + 9_000 })),
    ).toBeUndefined();
    expect(applyProgress(job, sampleProgress({ at: acceptedAt + 5_000 }))).toBeUndefined();
    expect(applyProgress(job, sampleProgress({ phase: 'uploading', at: acceptedAt + 1 }))).toBeDefined();
  });
});

describe('the total of a job', () => {
  it('is the count of the request while the selection is listed, then the size of the frozen list', () => {
    const totals: (number | null)[] = [];
    let job = sampleJob({ total: 10_000 });
    const reports = [
      sampleProgress({ phase: 'resolving', total: 0, at: acceptedAt + 1 }),
      sampleProgress({ phase: 'resolving', total: 900, at: acceptedAt + 2 }),
      sampleProgress({ phase: 'rendering', total: 9_998, at: acceptedAt + 3 }),
    ];
    for (const report of reports) {
      job = changed(job, applyProgress(job, report));
      totals.push(job.total);
    }
    expect(totals).toEqual([10_000, 10_000, 9_998]);
  });

  it('is unknown until the list is frozen when the count was late', () => {
    const job = sampleJob({ total: null });
    expect(
      changed(job, applyProgress(job, sampleProgress({ phase: 'resolving', total: 5 }))).total,
    ).toBeNull();
  });
});

describe('applyCompleted', () => {
  it('stores counts, file and receipt of a successful attempt', () => {
    const job = changed(sampleJob(), applyCompleted(sampleJob(), sampleCompleted()));
    expect(job).toMatchObject({ status: 'completed', total: 1_000, written: 998, skipped: 2, phase: null });
    expect(job.file).toEqual({ name: 'contacts.xlsx', bytes: 40_000, expires_at: acceptedAt + 172_800_000 });
  });

  it('replaces the reserved bytes by those of the file, and frees them without a file', () => {
    const done = changed(sampleJob(), applyCompleted(sampleJob(), sampleCompleted()));
    expect([done.held_bytes, done.held_until]).toEqual([40_000, acceptedAt + 172_800_000]);
    const failed = changed(sampleJob(), applyCompleted(sampleJob(), sampleFailed()));
    expect(failed.held_bytes).toBe(0);
  });

  it('ignores a second end of an attempt', () => {
    const cancelled = sampleJob({ status: 'cancelled' });
    expect(applyCompleted(cancelled, sampleCompleted())).toBeUndefined();
  });

  it('ignores the end of an older attempt and applies that of a newer one', () => {
    expect(applyCompleted(sampleJob({ attempt: 2 }), sampleFailed())).toBeUndefined();
    const late = sampleJob({ status: 'failed' });
    expect(changed(late, applyCompleted(late, sampleCompleted({ attempt: 2 })))).toMatchObject({
      attempt: 2,
      status: 'completed',
    });
  });

  it('starts the seven days after which the job is removed', () => {
    expect(keptUntil(sampleJob())).toBeUndefined();
    expect(keptUntil(sampleJob({ ended_at: acceptedAt }))).toBe(acceptedAt + 7 * 86_400_000);
  });
});

describe('nextAttempt', () => {
  it('keeps the id, increments the attempt and removes the result of the last one', () => {
    const failed = changed(sampleJob(), applyCompleted(sampleJob(), sampleFailed()));
    const next = changed(failed, nextAttempt(failed, { heldBytes: 60_000, at: acceptedAt + 5_000 }));
    expect(next).toMatchObject({
      _id: failed._id,
      attempt: 2,
      status: 'queued',
      failure: null,
      held_bytes: 60_000,
      queued_at: acceptedAt + 5_000,
      repeats: null,
    });
    expect(next.version).toBeGreaterThan(failed.version);
  });
});

describe('events in any order', () => {
  const progress = fc.record({
    attempt: fc.integer({ min: 1, max: 2 }),
    phase: fc.constantFrom('resolving' as const, 'rendering' as const, 'uploading' as const),
    written: fc.nat(1_000),
    at: fc.integer({ min: acceptedAt, max: acceptedAt + 10_000 }),
  });
  const end = fc.record({
    attempt: fc.integer({ min: 1, max: 2 }),
    outcome: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const, 'CANCELLED' as const),
  });

  it('keep the first end of the newest attempt, and never decrease the counts of an attempt', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(progress, end), { maxLength: 12 }), (events) => {
        let job = sampleJob();
        let firstEnd: string | undefined;
        for (const event of events) {
          const change =
            'outcome' in event
              ? applyCompleted(job, sampleCompleted(event))
              : applyProgress(job, sampleProgress(event));
          const next = changed(job, change);
          if (next.attempt > job.attempt) firstEnd = undefined;
          else if (!isTerminal(next.status)) expect(next.written).toBeGreaterThanOrEqual(job.written);
          firstEnd ??= isTerminal(next.status) ? next.status : undefined;
          if (firstEnd !== undefined) expect(next.status).toBe(firstEnd);
          expect(next.attempt).toBeGreaterThanOrEqual(job.attempt);
          expect(next.version - job.version).toBe(change === undefined ? 0 : 1);
          job = next;
        }
      }),
    );
  });
});
