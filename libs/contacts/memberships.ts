import { mapStoreError } from '@waybill/mongo';
import {
  locales,
  permissions as known,
  userId,
  type CompanyId,
  type Locale,
  type Permission,
} from '@waybill/domain';
import type { Db } from 'mongodb';
import { crmCollections, scopedId, type MembershipDocument } from './collections.ts';
import type { Membership, Permissions } from './types.ts';

/** The people of a company, as the CRM's memberships say now. */
export interface Members {
  /** Those who hold a permission, in the order of their ids. @throws ExportError `SERVICE_UNAVAILABLE` */
  holding(companyId: CompanyId, permission: Permission): Promise<readonly Membership[]>;
}

export function createMembers(db: Db): Members {
  const { memberships } = crmCollections(db);
  return {
    async holding(companyId, permission) {
      try {
        const found = await memberships
          .find({ company_id: companyId, permissions: permission })
          .sort({ _id: 1 })
          .toArray();
        return found.map(readMembership);
      } catch (error) {
        throw mapStoreError(error);
      }
    },
  };
}

function readMembership(document: MembershipDocument): Membership {
  const locale: Locale = locales.find((known) => known === document.locale) ?? 'en';
  return {
    userId: userId(document.user_id),
    email: typeof document.email === 'string' && document.email !== '' ? document.email : undefined,
    name: document.name,
    locale,
    permissions: known.filter((permission) => document.permissions.includes(permission)),
  };
}

/**
 * Permissions as the CRM's memberships say now. Who has no membership has none, and a permission that this version does
 * not know is not given. @throws ExportError `SERVICE_UNAVAILABLE` while MongoDB cannot be reached.
 */
export function createPermissions(db: Db): Permissions {
  const { memberships } = crmCollections(db);
  return {
    async of(userId, companyId) {
      try {
        const found = await memberships.findOne({ _id: scopedId(companyId, userId) });
        // Two pairs can have one id, where a company or a user holds a colon.
        if (found?.company_id !== companyId || found.user_id !== userId) return [];
        const held = Array.isArray(found.permissions) ? found.permissions : [];
        return known.filter((permission) => held.includes(permission));
      } catch (error) {
        throw mapStoreError(error);
      }
    },
  };
}
