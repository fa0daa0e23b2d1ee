import { companyId, organizationId } from '@waybill/vocabulary';
import type { TenantDocument } from './collections.ts';
import type { Tenant } from './types.ts';

export function readTenant(document: TenantDocument): Tenant {
  const { cap, quota_bytes: quotaBytes, alert_threshold: alertThreshold } = document;
  return {
    companyId: companyId(document._id),
    organizationId: organizationId(document.organization_id),
    region: document.region,
    name: document.name,
    ...(cap === undefined ? {} : { cap }),
    ...(quotaBytes === undefined ? {} : { quotaBytes }),
    ...(alertThreshold === undefined ? {} : { alertThreshold }),
  };
}
