import { companyId, organizationId } from '@waybill/domain';
import { z } from 'zod';
import type { TenantDocument } from './collections.ts';
import type { Tenant } from './types.ts';

const limit = z.number().int().nonnegative().optional().catch(undefined);

/** A limit that makes no sense counts as not set; a region that is none is unknown, and so has no bucket. */
const tenantSchema = z.object({
  organization_id: z.string().catch(''),
  region: z.string().catch(''),
  name: z.string().catch(''),
  cap: limit,
  quota_bytes: limit,
  alert_threshold: limit,
});

export function readTenant(document: TenantDocument): Tenant {
  const { organization_id, region, name, cap, quota_bytes, alert_threshold } = tenantSchema.parse(document);
  return {
    companyId: companyId(document._id),
    organizationId: organizationId(organization_id),
    region,
    name,
    ...(cap === undefined ? {} : { cap }),
    ...(quota_bytes === undefined ? {} : { quotaBytes: quota_bytes }),
    ...(alert_threshold === undefined ? {} : { alertThreshold: alert_threshold }),
  };
}
