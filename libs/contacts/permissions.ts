import { mapStoreError } from '@waybill/mongo';
import { permissions as known } from '@waybill/domain';
import type { Db } from 'mongodb';
import { crmCollections, scopedId } from './collections.ts';
import type { Permissions } from './types.ts';

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
