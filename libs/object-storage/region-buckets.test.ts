import { describe, expect, it } from 'vitest';
import { regionBuckets } from './index.ts';

describe('regions and their buckets', () => {
  it('knows the bucket of each region', () => {
    const regions = regionBuckets('id=waybill-id, sg=waybill-sg');
    expect(regions.bucketOf('sg')).toBe('waybill-sg');
    expect(regions.buckets).toEqual(['waybill-id', 'waybill-sg']);
  });

  it('fails closed on an unknown region [R9]', () => {
    expect(() => regionBuckets('id=waybill-id').bucketOf('eu')).toThrow(
      expect.objectContaining({ code: 'REGION_UNAVAILABLE' }),
    );
  });

  it.each(['', 'id', 'id=', 'id=UPPER', '=bucket'])('refuses the setting "%s"', (setting) => {
    expect(() => regionBuckets(setting)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
  });
});
