import type { IndexTable } from '@waybill/mongo';
import type { Collection, Db } from 'mongodb';
import type { ContactDocument } from './types.ts';

/** A field property as it is stored; what a company's CRM wrote into it is checked when it is read. */
export interface FieldPropertyDocument {
  /** `company:name`. */
  readonly _id: string;
  readonly company_id: string;
  /** Where the field stands in the company's own order. */
  readonly position: number;
  readonly [property: string]: unknown;
}

export interface LayoutDocument {
  /** `company:layout`. */
  readonly _id: string;
  readonly company_id: string;
  readonly layout_id: string;
  readonly position: number;
  readonly name: string;
  readonly is_default: boolean;
  readonly fields: readonly string[];
}

export interface TenantDocument {
  /** The company. */
  readonly _id: string;
  readonly organization_id: string;
  readonly region: string;
  readonly name: string;
  readonly cap?: number;
  readonly quota_bytes?: number;
  readonly alert_threshold?: number;
}

export interface MembershipDocument {
  /** `company:user`. */
  readonly _id: string;
  readonly company_id: string;
  readonly user_id: string;
  readonly email: string | null;
  readonly name: string;
  readonly locale: string;
  readonly permissions: readonly string[];
}

/** A record whose name stands for its id in a contact. */
export interface NamedDocument {
  readonly _id: string;
  readonly company_id: string;
  readonly name: string;
}

/** The collections of the CRM's database. */
export interface CrmCollections {
  readonly contacts: Collection<ContactDocument>;
  readonly fieldProperties: Collection<FieldPropertyDocument>;
  readonly layouts: Collection<LayoutDocument>;
  readonly tenants: Collection<TenantDocument>;
  readonly memberships: Collection<MembershipDocument>;
  readonly owners: Collection<NamedDocument>;
  readonly companies: Collection<NamedDocument>;
  readonly deals: Collection<NamedDocument>;
}

export function crmCollections(db: Db): CrmCollections {
  return {
    contacts: db.collection('contacts'),
    fieldProperties: db.collection('field_properties'),
    layouts: db.collection('layouts'),
    tenants: db.collection('tenants'),
    memberships: db.collection('memberships'),
    owners: db.collection('owners'),
    companies: db.collection('companies'),
    deals: db.collection('deals'),
  };
}

/** Documents that belong to a company are named by it, so that no two companies can meet. */
export function scopedId(companyId: string, name: string): string {
  return `${companyId}:${name}`;
}

/**
 * Indexes that the exports need. The collections are the CRM's: only a deployment or the seeder creates them, a
 * service never does.
 */
export const contactIndexes: IndexTable = {
  contacts: [
    // The default order, its key and its period.
    { key: { company_id: 1, created_at: -1, _id: -1 }, name: 'company_newest' },
    { key: { company_id: 1, source: 1, created_at: -1, _id: -1 }, name: 'company_source_newest' },
    // Contacts without a valid value in the sorted field follow by id.
    { key: { company_id: 1, _id: -1 }, name: 'company_id' },
  ],
  field_properties: [{ key: { company_id: 1, position: 1 }, name: 'company_position' }],
  layouts: [{ key: { company_id: 1, position: 1 }, name: 'company_position' }],
};
