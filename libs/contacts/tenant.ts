import { companyId, organizationId, type CompanyId } from '@waybill/domain';
import { z } from 'zod';
import type { TenantDocument } from './collections.ts';
import type { ContactSource, Tenant } from './types.ts';

const limit = z.int().nonnegative().optional().catch(undefined);

/** Reads an invalid limit as not set, and an invalid region as the empty text, which has no bucket. */
const tenantSchema = z.object({
  organization_id: z.string().catch(''),
  region: z.string().catch(''),
  name: z.string().catch(''),
  cap: limit,
  quota_bytes: limit,
  alert_threshold: limit,
});

/** Returns the tenant that a document describes. */
export function readTenant(document: TenantDocument): Tenant {
  const { organization_id, quota_bytes, alert_threshold, ...tenant } = tenantSchema.parse(document);
  return {
    companyId: companyId(document._id),
    organizationId: organizationId(organization_id),
    ...tenant,
    quotaBytes: quota_bytes,
    alertThreshold: alert_threshold,
  };
}

/**
 * Returns the number of rows above which the company wants a governance alert, if an export of `rows` rows is above it.
 * Returns `undefined` if the export is smaller or the company sets no threshold. It reads the tenant at each call, so the
 * answer is that of today.
 * @throws ExportError `SERVICE_UNAVAILABLE` while MongoDB cannot be reached.
 */
export async function alertThreshold(
  contacts: Pick<ContactSource, 'tenant'>,
  company: CompanyId,
  rows: number,
): Promise<number | undefined> {
  if (rows === 0) return undefined;
  const threshold = (await contacts.tenant(company))?.alertThreshold;
  return threshold !== undefined && rows > threshold ? threshold : undefined;
}
