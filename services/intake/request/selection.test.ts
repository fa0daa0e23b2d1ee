import { companyId, selectionModes } from '@waybill/domain';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capOf, decideSize, selectionOf } from './selection.ts';
import { sampleRequest } from '../testing/sample-request.ts';

const company = companyId('c1');

describe('selectionOf', () => {
  it('keeps the order of the ids, removes repeated ones and counts them', () => {
    const request = sampleRequest({ selection_mode: 'ids', ids: ['b', 'a', 'b', 'c', 'a'] });
    expect(selectionOf(request, company, 0)).toMatchObject({ ids: ['b', 'a', 'c'], duplicates: 2 });
  });

  it('has the contacts that are taken out', () => {
    expect(selectionOf(sampleRequest({ excluded_ids: ['a', 'b'] }), company, 0).excludedIds).toEqual([
      'a',
      'b',
    ]);
  });

  it('combines company, criterion, sources and period', () => {
    const criterion = { filters: [{ field: 'city', op: 'eq' as const, value: 'Solo' }] };
    const request = sampleRequest({
      criterion,
      source: ['line'],
      start_date: '2026-11-01',
      end_date: '2026-11-30',
      timezone: 'UTC',
    });
    expect(selectionOf(request, company, 0).query).toEqual({
      companyId: company,
      criterion,
      sources: ['line'],
      createdFrom: Date.parse('2026-11-01T00:00:00Z'),
      createdBefore: Date.parse('2026-12-01T00:00:00Z'),
    });
  });
});

describe('capOf', () => {
  it('raises the cap of filtered and all to the cap of the company, but not that of ids and first_10k_sorted', () => {
    expect(selectionModes.map((mode) => capOf(mode, 1_000_000))).toEqual([
      10_000, 1_000_000, 10_000, 1_000_000,
    ]);
    expect(capOf('first_10k_sorted', 500)).toBe(500);
  });
});

describe('decideSize', () => {
  it('throws EXPORT_LIMIT_EXCEEDED with total and cap when the selection is over the cap', () => {
    expect(() => decideSize('all', { total: 10_001, late: false }, 10_000)).toThrow(
      expect.objectContaining({ code: 'EXPORT_LIMIT_EXCEEDED', params: { total: 10_001, cap: 10_000 } }),
    );
    expect(decideSize('all', { total: 10_000, late: false }, 10_000).total).toBe(10_000);
  });

  it('limits first_10k_sorted to the first 10,000 contacts', () => {
    expect(decideSize('first_10k_sorted', { total: 10_001, late: false }, 10_000).total).toBe(10_000);
  });

  it('throws EXPORT_SELECTION_EMPTY in every mode', () => {
    for (const mode of selectionModes) {
      expect(() => decideSize(mode, { total: 0, late: false }, 10)).toThrow(
        expect.objectContaining({ code: 'EXPORT_SELECTION_EMPTY' }),
      );
    }
  });

  it('puts more than 50,000 rows, and a late count, into the bulk lane', () => {
    expect(decideSize('all', { total: 50_000, late: false }, 1_000_000).lane).toBe('standard');
    expect(decideSize('all', { total: 50_001, late: false }, 1_000_000).lane).toBe('bulk');
    expect(decideSize('all', { total: 0, late: true }, 10_000)).toEqual({
      total: undefined,
      cap: 10_000,
      lane: 'bulk',
    });
  });

  it('never accepts more than the cap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...selectionModes),
        fc.nat(2_000_000),
        fc.integer({ min: 1 }),
        (mode, total, cap) => {
          try {
            expect(decideSize(mode, { total, late: false }, cap).total).toBeLessThanOrEqual(cap);
          } catch (error) {
            expect(error).toMatchObject({ status: 422 });
          }
        },
      ),
    );
  });
});
