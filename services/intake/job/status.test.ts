import { describe, expect, it } from 'vitest';
import { applyCompleted, applyProgress } from './job.ts';
import { etaSeconds, progressOf, statusAt, statusView } from './status.ts';
import {
  acceptedAt,
  sampleCompleted,
  sampleFailed,
  sampleJob,
  sampleProgress,
} from '../testing/sample-job.ts';

const seenAt = (now: number, language: 'en' | 'id' = 'en') => ({
  now,
  language,
  publicUrl: 'https://crm.example',
});

describe('statusView', () => {
  it('shows a queued job without phase, remaining time or receipt', () => {
    expect(statusView(sampleJob(), seenAt(acceptedAt))).toMatchObject({
      job_type: 'export',
      status: 'queued',
      phase: null,
      total_records: 1_000,
      progress: 0,
      eta_seconds: null,
      receipt: null,
      requested_at: '2026-11-24T10:00:00.000Z',
    });
  });

  it('shows matched, written and skipped as total, success and failed', () => {
    const job = { ...sampleJob(), ...applyCompleted(sampleJob(), sampleCompleted()) };
    expect(statusView(job, seenAt(acceptedAt + 4_000))).toMatchObject({
      status: 'completed',
      total_records: 1_000,
      success_count: 998,
      failed_count: 2,
      progress: 100,
      receipt: { matched: 1_000, snapshot_at: '2026-11-24T10:00:00.500Z' },
    });
  });

  it('shows expired from the instant at which the file expires', () => {
    const job = { ...sampleJob(), ...applyCompleted(sampleJob(), sampleCompleted()) };
    expect(statusAt(job, acceptedAt + 172_799_999)).toBe('completed');
    expect(statusAt(job, acceptedAt + 172_800_000)).toBe('expired');
  });

  it('shows a failure as its code and as a text in the language of the reader', () => {
    const job = { ...sampleJob(), ...applyCompleted(sampleJob(), sampleFailed()) };
    expect(statusView(job, seenAt(acceptedAt))).toMatchObject({
      failure_reason: 'EXPORT_STALLED',
      failure: {
        code: 'EXPORT_STALLED',
        message: 'No contact arrived for 2 hours. Retry the export.',
      },
      file: null,
    });
    expect(statusView(job, seenAt(acceptedAt, 'id')).failure?.message).toContain('2 jam');
  });

  it('shows the file with its link when the job has completed, and keeps it after the file has expired', () => {
    const job = { ...sampleJob(), ...applyCompleted(sampleJob(), sampleCompleted()) };
    const file = {
      name: 'contacts.xlsx',
      bytes: 40_000,
      expires_at: '2026-11-26T10:00:00.000Z',
      download_url: `https://crm.example/iag/v1/contacts/export/history/${job._id}/download`,
    };
    expect(statusView(job, seenAt(acceptedAt + 4_000))).toMatchObject({ status: 'completed', file });
    expect(statusView(job, seenAt(acceptedAt + 172_800_000))).toMatchObject({ status: 'expired', file });
  });
});

describe('progressOf', () => {
  it('reaches 100 only when the job has completed', () => {
    expect(progressOf(sampleJob({ status: 'processing', written: 999, skipped: 1 }))).toBe(99);
    expect(progressOf(sampleJob({ status: 'processing', written: 250 }))).toBe(25);
    expect(progressOf(sampleJob({ status: 'processing', total: null, written: 250 }))).toBe(0);
  });
});

describe('etaSeconds', () => {
  const started = { ...sampleJob(), ...applyProgress(sampleJob(), sampleProgress({ written: 0 })) };
  const quarter = { ...started, ...applyProgress(started, sampleProgress({ at: acceptedAt + 3_000 })) };

  it('returns 6 s when a quarter took 2 s', () => {
    expect(etaSeconds(quarter, acceptedAt + 3_000)).toBe(6);
  });

  it('decreases between two reports, but not below zero', () => {
    expect(etaSeconds(quarter, acceptedAt + 5_000)).toBe(4);
    expect(etaSeconds(quarter, acceptedAt + 60_000)).toBe(0);
  });

  it('returns null until a pace is known', () => {
    expect(etaSeconds(started, acceptedAt + 2_000)).toBeNull();
    expect(etaSeconds(sampleJob(), acceptedAt)).toBeNull();
  });
});
