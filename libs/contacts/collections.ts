import type { IndexTable } from '@waybill/mongo';
import type { Collection, Db } from 'mongodb';
import type { ContactDocument } from './types.ts';

/** Stored field property. The CRM writes it, so every read checks it. */
export interface FieldPropertyDocument {
  /** `company:name`. */
  readonly _id: string;
  readonly company_id: string;
  /** Position in the company's order of fields. */
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
  /** Company id. */
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

/** Record whose name replaces its id in exported contacts. */
export interface NamedDocument {
  readonly _id: string;
  readonly company_id: string;
  readonly name: string;
}

/** Collections of the CRM's database. */
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

/** Returns the collections of a CRM's database. */
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

/** Returns a document id that contains the company, so that the ids of two companies differ. */
export function scopedId(companyId: string, name: string): string {
  return `${companyId}:${name}`;
}

/**
 * Indexes that exports need. The collections belong to the CRM: a deployment or the seeder creates the indexes, never a
 * service.
 */
export const contactIndexes: IndexTable = {
  contacts: [
    // For the default order and the period.
    { key: { company_id: 1, created_at: -1, _id: -1 }, name: 'company_newest' },
    { key: { company_id: 1, source: 1, created_at: -1, _id: -1 }, name: 'company_source_newest' },
    // For contacts without a valid value in the sorted field, which follow by id.
    { key: { company_id: 1, _id: -1 }, name: 'company_id' },
  ],
  field_properties: [{ key: { company_id: 1, position: 1 }, name: 'company_position' }],
  layouts: [{ key: { company_id: 1, position: 1 }, name: 'company_position' }],
};
