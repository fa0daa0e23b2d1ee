import type { Tenant } from '@waybill/contacts';
import type { RegionBuckets } from '@waybill/object-storage';

/**
 * The region that a company's file is kept in. It fails closed: without a bucket for the region nothing is accepted.
 * `fallback` is for companies that the CRM does not know; empty means that there is none.
 * @throws ExportError `REGION_UNAVAILABLE`
 */
export function regionOf(
  tenant: Pick<Tenant, 'region'> | undefined,
  fallback: string,
  regions: Pick<RegionBuckets, 'bucketOf'>,
): string {
  const named = tenant?.region ?? fallback;
  const region = named === '' ? '(none)' : named;
  regions.bucketOf(region);
  return region;
}
