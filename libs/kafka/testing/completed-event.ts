/** `export.completed` events for tests: whole ones, of which a test changes what it is about. */
import {
  createDataKey,
  localKeyEncryption,
  sealPersonal,
  type KeyEncryption,
  type PersonalData,
} from '@waybill/crypto';
import type { ExportCompleted, Job, SealedData } from '@waybill/schemas';
import { companyId, userId } from '@waybill/vocabulary';

const noBytes = Buffer.alloc(0);
export const unsealed: SealedData = {
  key_id: 'none',
  wrapped_key: noBytes,
  nonce: noBytes,
  ciphertext: noBytes,
};

/** 24 November 2026, 14:00 in Jakarta. */
export const completedAt = Date.UTC(2026, 10, 24, 7);

export const testKeys = { current: Buffer.alloc(32, 7).toString('base64') };

export function testKeyEncryption(): KeyEncryption {
  return localKeyEncryption({ keys: testKeys, currentKeyId: 'current' });
}

/** The requester's personal part, sealed as intake seals it. */
export async function sealedFor(company: string, user: string, data: PersonalData): Promise<SealedData> {
  const dataKey = await createDataKey(testKeyEncryption());
  return sealPersonal(dataKey, data, { companyId: companyId(company), userId: userId(user) });
}

export function testJob(changes: Partial<Job> = {}): Job {
  return {
    organization_id: 'org-1',
    user_id: 'user-1',
    region: 'id',
    locale: 'en',
    requested_at: completedAt - 2_000,
    lane: 'standard',
    selection_mode: 'filtered',
    period: null,
    start_date: null,
    end_date: null,
    sources: [],
    layout_id: 'layout-1',
    layout_name: 'Default view',
    fields: ['first_name', 'phone', 'notes'],
    format: 'xlsx',
    csv: null,
    timezone: 'Asia/Jakarta',
    personal: unsealed,
    ...changes,
  };
}

/** A success of 10,000 rows and 3 skipped contacts. */
export function succeeded(changes: Partial<ExportCompleted> = {}): ExportCompleted {
  const at = changes.completed_at ?? completedAt;
  return {
    job_id: '5f0c9a52-7d0c-4a3e-9b39-0a4f9c1f2b11',
    company_id: 'company-1',
    attempt: 1,
    outcome: 'SUCCEEDED',
    completed_at: at,
    job: testJob(),
    failure: null,
    file: {
      bucket: 'waybill-id',
      key: 'private/exports/company-1/5f0c9a52/1/contacts.xlsx',
      name: 'contacts-2026-11-24.xlsx',
      content_type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      bytes: 1_234_567,
      expires_at: at + 172_800_000,
    },
    receipt: {
      matched: 10_003,
      written: 10_000,
      skipped: 3,
      cells_truncated: { total: 2, by_field: { notes: 2 } },
      cells_as_text: { total: 0, by_field: {} },
      characters_replaced: { total: 1, by_field: { first_name: 1 } },
      sha256: 'a3f5'.repeat(16),
      bytes: 1_234_567,
      snapshot_at: at - 1_500,
      timezone: 'Asia/Jakarta',
      fields: ['first_name', 'phone', 'notes'],
      format: 'xlsx',
      attempt: 1,
    },
    ...changes,
  };
}

export function failed(changes: Partial<ExportCompleted> = {}): ExportCompleted {
  return succeeded({
    outcome: 'FAILED',
    failure: { code: 'EXPORT_LIMIT_EXCEEDED', detail: 'too many', params: { total: '12500', cap: '10000' } },
    file: null,
    receipt: null,
    ...changes,
  });
}

export function cancelled(changes: Partial<ExportCompleted> = {}): ExportCompleted {
  return succeeded({ outcome: 'CANCELLED', file: null, receipt: null, ...changes });
}
