import { ensureIndexes } from '@waybill/mongo';
import type { CompanyId, OrganizationId } from '@waybill/domain';
import type { Collection, Db } from 'mongodb';
import { inParallel } from '../chunks.ts';
import { crmCollections, type CrmCollections, type NamedDocument } from '../collections.ts';
import { contactIndexes } from '../indexes.ts';
import type { Membership } from '../types.ts';
import { createContactMaker } from './contact.ts';
import { ensureFields } from './fields.ts';
import { idPrefix } from './ids.ts';
import { defaultRegion, recordMember } from './member.ts';
import { seededRecords } from './records.ts';

export interface SeedCompanyOptions {
  readonly companyId: CompanyId;
  readonly organizationId: OrganizationId;
  /** How many contacts. */
  readonly contacts: number;
  /** Equal seeds give equal contacts; 1 by default. */
  readonly seed?: number;
  /** A member to begin with. */
  readonly user?: Membership;
  /** Largest export of the company, where an operator raised it. */
  readonly cap?: number;
  /** `id` by default. */
  readonly region?: string;
  /** When the newest contact was created, epoch milliseconds; a fixed day by default, so that seedings are equal. */
  readonly newestAt?: number;
}

/** 2026-11-24 in the afternoon of Jakarta. */
const defaultNewestAt = Date.UTC(2026, 10, 24, 8, 30, 17, 250);

/** Contacts of one insert: some 2 MiB. */
const contactsPerInsert = 1_000;
/** Two keep both the server and this process busy, and memory bounded. */
const insertsInFlight = 2;

/**
 * Writes a company with fields, layouts, owners, associated records, contacts and one member into the CRM's database.
 * Done again, it replaces what it wrote before; contacts from elsewhere stay.
 */
export async function seedCompany(db: Db, options: SeedCompanyOptions): Promise<void> {
  const { companyId, organizationId, contacts, seed = 1, user, newestAt = defaultNewestAt } = options;
  const collections = crmCollections(db);
  await ensureIndexes(db, contactIndexes);
  const prefix = idPrefix(companyId);
  const known = await collections.tenants.countDocuments({ _id: companyId }, { limit: 1 });
  if (known > 0) await removeSeeded(collections, companyId, prefix);
  // The tenant comes first: where a seeding breaks off, the next one knows that there is something to replace.
  await writeTenant(collections, options);
  if (user !== undefined) await recordMember(db, companyId, organizationId, user);
  await ensureFields(db, companyId);
  await writeRecords(collections, companyId, prefix, seed);
  const make = createContactMaker({ companyId, seed, newestAt });
  const starts = Array.from(
    { length: Math.ceil(contacts / contactsPerInsert) },
    (_, index) => index * contactsPerInsert,
  );
  await inParallel(starts, insertsInFlight, async (from) => {
    const count = Math.min(contactsPerInsert, contacts - from);
    await collections.contacts.insertMany(
      Array.from({ length: count }, (_, index) => make(from + index)),
      { ordered: false },
    );
  });
}

function removeSeeded({ contacts }: CrmCollections, companyId: CompanyId, prefix: string): Promise<unknown> {
  return contacts.deleteMany({ company_id: companyId, _id: { $gte: prefix, $lt: `${prefix}g` } });
}

async function writeTenant({ tenants }: CrmCollections, options: SeedCompanyOptions): Promise<void> {
  const { companyId, organizationId, cap, region = defaultRegion } = options;
  await tenants.replaceOne(
    { _id: companyId },
    { organization_id: organizationId, region, name: companyId, ...(cap === undefined ? {} : { cap }) },
    { upsert: true },
  );
}

async function writeRecords(
  collections: CrmCollections,
  companyId: CompanyId,
  prefix: string,
  seed: number,
): Promise<void> {
  const records = seededRecords(companyId, prefix, seed);
  const write = (collection: Collection<NamedDocument>, documents: readonly NamedDocument[]) =>
    collection.bulkWrite(
      documents.map(({ _id, ...replacement }) => ({
        replaceOne: { filter: { _id }, replacement, upsert: true },
      })),
      { ordered: false },
    );
  await Promise.all([
    write(collections.owners, records.owners),
    write(collections.companies, records.companies),
    write(collections.deals, records.deals),
  ]);
}
