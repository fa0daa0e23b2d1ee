import { stored } from '@waybill/mongo';
import { locales, permissions as known, userId, type CompanyId, type Permission } from '@waybill/domain';
import type { Db } from 'mongodb';
import { crmCollections, scopedId, type MembershipDocument } from './collections.ts';
import type { Membership, Permissions } from './types.ts';

/** Members of a company. Each call reads the CRM's memberships. */
export interface Members {
  /**
   * Returns the members with a permission, in the order of their ids.
   * @throws ExportError `SERVICE_UNAVAILABLE` while MongoDB cannot be reached.
   */
  holding(companyId: CompanyId, permission: Permission): Promise<readonly Membership[]>;
}

/** Returns the members that a CRM's database stores. */
export function createMembers(db: Db): Members {
  const { memberships } = crmCollections(db);
  return {
    async holding(companyId, permission) {
      const found = memberships.find({ company_id: companyId, permissions: permission }).sort({ _id: 1 });
      return (await stored(found.toArray())).map(readMembership);
    },
  };
}

function readMembership(document: MembershipDocument): Membership {
  return {
    userId: userId(document.user_id),
    email: typeof document.email === 'string' && document.email !== '' ? document.email : undefined,
    name: document.name,
    locale: locales.find((locale) => locale === document.locale) ?? 'en',
    permissions: known.filter((permission) => document.permissions.includes(permission)),
  };
}

/** Returns the permissions that the CRM's memberships give. A permission that this version does not know is left out. */
export function createPermissions(db: Db): Permissions {
  const { memberships } = crmCollections(db);
  return {
    async of(userId, companyId) {
      const found = await stored(memberships.findOne({ _id: scopedId(companyId, userId) }));
      // Two pairs have the same id if a company or a user id contains a colon.
      if (found?.company_id !== companyId || found.user_id !== userId) return [];
      const held = Array.isArray(found.permissions) ? found.permissions : [];
      return known.filter((permission) => held.includes(permission));
    },
  };
}
