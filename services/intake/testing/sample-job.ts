import { exportProgress, exportSpec, failed, succeeded } from '@waybill/fixtures';
import type { ExportCompleted, ExportProgress } from '@waybill/schemas';
import { jobId } from '@waybill/domain';
import { queuedState, type Job } from '../job/job.ts';

const id = jobId('0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a11');

export const acceptedAt = Date.parse('2026-11-24T10:00:00Z');

/** Returns a queued job of 1,000 contacts, changed by `state`. */
export function sampleJob(state: Partial<Job> = {}): Job {
  return {
    _id: id,
    accepted_at: acceptedAt,
    request: {
      spec: exportSpec({ requested_at: acceptedAt }),
      ids: [],
      excluded_ids: [],
      created_from: null,
      created_before: null,
      cap: 10_000,
    },
    ...queuedState({ attempt: 1, counted: 1_000, heldBytes: 50_000, at: acceptedAt }),
    ...state,
  };
}

/** Returns the progress of a quarter of the sample job, changed by `event`. */
export function sampleProgress(event: Partial<ExportProgress> = {}): ExportProgress {
  return exportProgress({ job_id: id, at: acceptedAt + 1_000, ...event });
}

/** Returns the success of the sample job with two skipped contacts, changed by `event`. */
export function sampleCompleted(event: Partial<ExportCompleted> = {}): ExportCompleted {
  const { file, receipt } = succeeded();
  const counts = { matched: 1_000, written: 998, skipped: 2, bytes: 40_000, snapshot_at: acceptedAt + 500 };
  return succeeded({
    job_id: id,
    completed_at: acceptedAt + 3_000,
    spec: null,
    file: file && { ...file, name: 'contacts.xlsx', bytes: 40_000, expires_at: acceptedAt + 172_800_000 },
    receipt: receipt && { ...receipt, ...counts, sha256: 'ab'.repeat(32) },
    ...event,
  });
}

/** Returns the end of the sample job without a file, changed by `event`. */
export function sampleFailed(event: Partial<ExportCompleted> = {}): ExportCompleted {
  return failed({
    job_id: id,
    completed_at: acceptedAt + 3_000,
    spec: null,
    failure: { code: 'EXPORT_STALLED', detail: 'stalled', params: { minutes: '120' } },
    ...event,
  });
}
