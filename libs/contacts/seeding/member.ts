import type { CompanyId, OrganizationId } from '@waybill/domain';
import type { Db } from 'mongodb';
import { crmCollections, scopedId } from '../collections.ts';
import type { Membership } from '../types.ts';

/** Where a company's files are kept unless said otherwise: Indonesia. */
export const defaultRegion = 'id';

/** Writes a user's place in a company as it is now, and the company itself where the CRM does not have it. */
export async function recordMember(
  db: Db,
  companyId: CompanyId,
  organizationId: OrganizationId,
  member: Membership,
): Promise<void> {
  const { tenants, memberships } = crmCollections(db);
  await tenants.updateOne(
    { _id: companyId },
    { $setOnInsert: { organization_id: organizationId, region: defaultRegion, name: companyId } },
    { upsert: true },
  );
  await memberships.replaceOne(
    { _id: scopedId(companyId, member.userId) },
    {
      company_id: companyId,
      user_id: member.userId,
      email: member.email,
      name: member.name,
      locale: member.locale,
      permissions: member.permissions,
    },
    { upsert: true },
  );
}
