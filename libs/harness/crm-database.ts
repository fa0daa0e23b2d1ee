import type { Permission } from '@waybill/domain';
import type { Db } from 'mongodb';

/** A member of a company; the names are those of the token's claims. */
export interface Member {
  readonly companyId: string;
  readonly userId: string;
  readonly email?: string;
  readonly name?: string;
  readonly permissions: readonly Permission[];
}

/** The documents of the CRM that the services read: tenants and memberships. */
export class CrmDatabase {
  readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Stores a company in organization `org-1` and region `id`, changed by `fields`. */
  async tenant(companyId: string, fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const tenant = { organization_id: 'org-1', region: 'id', name: 'Acme', ...fields };
    await this.db
      .collection<{ _id: string }>('tenants')
      .updateOne({ _id: companyId }, { $set: tenant }, { upsert: true });
  }

  /** Stores a membership; its permissions replace the earlier ones. */
  async membership({ companyId, userId, email, name, permissions }: Member): Promise<void> {
    const membership = {
      company_id: companyId,
      user_id: userId,
      email: email ?? 'member@example.com',
      name: name ?? 'Member',
      permissions,
    };
    await this.db
      .collection<{ _id: string }>('memberships')
      .updateOne({ _id: `${companyId}:${userId}` }, { $set: membership }, { upsert: true });
  }
}
