import type { ExportRequested, ExportSpec } from '@waybill/schemas';
import { describe, expect, it } from 'vitest';
import { selectionOf } from './selection.ts';

const spec: ExportSpec = {
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
  excluded_count: 0,
  layout_id: 'l',
  layout_name: 'Default view',
  fields: ['first_name'],
  format: 'csv',
  csv: null,
  xlsx: null,
  timezone: 'UTC',
  personal: { key_id: '', wrapped_key: Buffer.alloc(0), nonce: Buffer.alloc(0), ciphertext: Buffer.alloc(0) },
};

function request(part: Partial<ExportRequested>, change: Partial<ExportSpec> = {}): ExportRequested {
  return {
    job_id: 'j',
    company_id: 'acme',
    attempt: 1,
    spec: { ...spec, ...change },
    ids: [],
    excluded_ids: [],
    created_from: null,
    created_before: null,
    cap: 10_000,
    repeat: null,
    ...part,
  };
}

describe('selectionOf', () => {
  it('returns the given ids in their order in mode ids', () => {
    const selection = selectionOf(request({ ids: ['b', 'a'], created_from: 5 }, { selection_mode: 'ids' }), {
      filters: [],
    });
    expect(selection).toEqual({ kind: 'ids', companyId: 'acme', ids: ['b', 'a'] });
  });

  it('limits the ids to one above the cap, so that an excess is noticed', () => {
    expect(selectionOf(request({ cap: 500 }), undefined)).toMatchObject({ limit: 501, cap: 500 });
  });

  it('cuts the list instead of rejecting it in mode first_10k_sorted', () => {
    const selection = selectionOf(
      request({ cap: 1_000_000 }, { selection_mode: 'first_10k_sorted' }),
      undefined,
    );
    expect(selection).toMatchObject({ kind: 'query', limit: 10_000 });
    expect(selection).not.toHaveProperty('cap');
  });

  it('lists as many more as are excluded, except in mode first_10k_sorted, where they keep their places', () => {
    const excluded_ids = ['a', 'b'];
    expect(selectionOf(request({ cap: 500, excluded_ids }), undefined)).toMatchObject({
      limit: 503,
      cap: 500,
      excluded: new Set(excluded_ids),
    });
    const first = request({ cap: 500, excluded_ids }, { selection_mode: 'first_10k_sorted' });
    expect(selectionOf(first, undefined)).toMatchObject({ limit: 500, excluded: new Set(excluded_ids) });
  });

  it('combines criterion, sources and period, within the company', () => {
    const criterion = { search: 'siti', filters: [] };
    const asked = request({ created_from: 1, created_before: 2 }, { sources: ['whatsapp', 'line'] });
    expect(selectionOf(asked, criterion)).toMatchObject({
      query: {
        companyId: 'acme',
        criterion,
        sources: ['whatsapp', 'line'],
        createdFrom: 1,
        createdBefore: 2,
      },
    });
  });

  it('rejects an unknown source, since ignoring it would widen the selection', () => {
    expect(() => selectionOf(request({}, { sources: ['pigeon'] }), undefined)).toThrow(
      expect.objectContaining({ code: 'EXPORT_SOURCE_INVALID' }),
    );
  });
});
