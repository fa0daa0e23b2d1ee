import type { ExportCompleted, ExportProgress, Receipt } from '@waybill/schemas';
import { jobId } from '@waybill/domain';
import { queuedState, type Job } from '../job/job.ts';

const id = jobId('0193a0f2-5f3e-7c4b-9d2a-6b1f0c8e4a11');
const nothing = { total: 0, by_field: {} };
const bytes = Buffer.from('sealed');

export const acceptedAt = Date.parse('2026-11-24T10:00:00Z');

/** A queued job of 1,000 contacts. */
export function sampleJob(state: Partial<Job> = {}): Job {
  return {
    _id: id,
    accepted_at: acceptedAt,
    request: {
      spec: {
        organization_id: 'org',
        user_id: 'u1',
        region: 'id',
        locale: 'en',
        requested_at: acceptedAt,
        lane: 'standard',
        selection_mode: 'all',
        period: null,
        start_date: null,
        end_date: null,
        sources: [],
        layout_id: 'default',
        layout_name: 'Default view',
        fields: ['first_name'],
        format: 'xlsx',
        csv: null,
        timezone: 'Asia/Jakarta',
        personal: { key_id: 'k1', wrapped_key: bytes, nonce: bytes, ciphertext: bytes },
      },
      ids: [],
      created_from: null,
      created_before: null,
      cap: 10_000,
    },
    ...queuedState(1, 1_000, 50_000),
    ...state,
  };
}

export function sampleProgress(event: Partial<ExportProgress> = {}): ExportProgress {
  return {
    job_id: id,
    company_id: 'c1',
    attempt: 1,
    phase: 'rendering',
    written: 250,
    skipped: 0,
    total: 1_000,
    bytes: 4_096,
    at: acceptedAt + 1_000,
    ...event,
  };
}

const receipt: Receipt = {
  matched: 1_000,
  written: 998,
  skipped: 2,
  cells_truncated: nothing,
  cells_as_text: nothing,
  characters_replaced: nothing,
  sha256: 'ab'.repeat(32),
  bytes: 40_000,
  snapshot_at: acceptedAt + 500,
  timezone: 'Asia/Jakarta',
  fields: ['first_name'],
  format: 'xlsx',
  attempt: 1,
};

export function sampleCompleted(event: Partial<ExportCompleted> = {}): ExportCompleted {
  return {
    job_id: id,
    company_id: 'c1',
    attempt: 1,
    outcome: 'SUCCEEDED',
    completed_at: acceptedAt + 3_000,
    spec: null,
    failure: null,
    file: {
      bucket: 'b',
      key: 'private/exports/c1/j/1/contacts.xlsx',
      name: 'contacts.xlsx',
      content_type: 'application/octet-stream',
      bytes: 40_000,
      expires_at: acceptedAt + 172_800_000,
    },
    receipt,
    ...event,
  };
}

/** How an attempt ends without a file. */
export function sampleFailed(event: Partial<ExportCompleted> = {}): ExportCompleted {
  return sampleCompleted({
    outcome: 'FAILED',
    file: null,
    receipt: null,
    failure: { code: 'EXPORT_STALLED', detail: 'stalled', params: { minutes: '120' } },
    ...event,
  });
}
