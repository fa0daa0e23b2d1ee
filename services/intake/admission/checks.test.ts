import { regionBuckets } from '@waybill/object-storage';
import { describe, expect, it } from 'vitest';
import { regionOf } from './checks.ts';

const known = regionBuckets('id=waybill-id');

describe('regionOf', () => {
  it('returns the region that the CRM names', () => {
    expect(regionOf({ region: 'id' }, 'sg', known)).toBe('id');
  });

  it('returns the default region for a company that the CRM does not know', () => {
    expect(regionOf(undefined, 'id', known)).toBe('id');
  });

  it.each([
    [{ region: 'mars' }, 'id', 'mars'],
    [undefined, '', '(none)'],
  ])('throws REGION_UNAVAILABLE when the region has no bucket (%j)', (tenant, fallback, named) => {
    expect(() => regionOf(tenant, fallback, known)).toThrow(
      expect.objectContaining({ code: 'REGION_UNAVAILABLE', params: { region: named } }),
    );
  });
});
