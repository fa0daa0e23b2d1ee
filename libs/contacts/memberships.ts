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
import { crmCollections, type MembershipDocument } from './collections.ts';
import type { Membership } from './types.ts';

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
    email: document.email,
    name: document.name,
    locale,
    permissions: known.filter((permission) => document.permissions.includes(permission)),
  };
}
