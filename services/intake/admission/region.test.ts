import { regionBuckets } from '@waybill/object-storage';
import { describe, expect, it } from 'vitest';
import { regionOf } from './region.ts';

const known = regionBuckets('id=waybill-id');

describe('the region of a company', () => {
  it('is the one that the CRM names', () => {
    expect(regionOf({ region: 'id' }, 'sg', known)).toBe('id');
  });

  it('is the default one for a company that the CRM does not know', () => {
    expect(regionOf(undefined, 'id', known)).toBe('id');
  });

  it.each([
    [{ region: 'mars' }, 'id', 'mars'],
    [undefined, '', '(none)'],
  ])('fails closed where no bucket is set up (%j)', (tenant, fallback, named) => {
    expect(() => regionOf(tenant, fallback, known)).toThrow(
      expect.objectContaining({ code: 'REGION_UNAVAILABLE', params: { region: named } }),
    );
  });
});
