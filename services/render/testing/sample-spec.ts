import type { ExportSpec } from '@waybill/schemas';

/** An export spec for tests. Its personal data is not sealed. */
export const sampleSpec: ExportSpec = {
  organization_id: 'o',
  user_id: 'u',
  region: 'id',
  locale: 'en',
  requested_at: 0,
  lane: 'standard',
  selection_mode: 'all',
  period: null,
  start_date: null,
  end_date: null,
  sources: [],
  layout_id: 'l',
  layout_name: 'Default view',
  fields: ['first_name', 'birthday', 'score'],
  format: 'xlsx',
  csv: null,
  timezone: 'Asia/Jakarta',
  personal: { key_id: '', wrapped_key: Buffer.alloc(0), nonce: Buffer.alloc(0), ciphertext: Buffer.alloc(0) },
};
