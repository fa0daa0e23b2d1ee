import { describe, expect, it } from 'vitest';
import { regionBuckets } from './index.ts';

describe('region buckets', () => {
  it('each region maps to its bucket', () => {
    const regions = regionBuckets('id=waybill-id, sg=waybill-sg');
    expect(regions.bucketOf('sg')).toBe('waybill-sg');
    expect(regions.buckets).toEqual(['waybill-id', 'waybill-sg']);
  });

  it('an unknown region is rejected [R9]', () => {
    expect(() => regionBuckets('id=waybill-id').bucketOf('eu')).toThrow(
      expect.objectContaining({ code: 'REGION_UNAVAILABLE' }),
    );
  });

  it.each(['', 'id', 'id=', 'id=UPPER', '=bucket'])('the setting "%s" is rejected', (setting) => {
    expect(() => regionBuckets(setting)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
  });
});
