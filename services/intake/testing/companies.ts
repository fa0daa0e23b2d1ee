import { seedCompany } from '@waybill/fixtures';
import { uniqueName } from '@waybill/testbed';
import { companyId, organizationId, type CompanyId } from '@waybill/domain';
import type { Db } from 'mongodb';

/** Companies for which one check of an export fails. */
export interface SpecialCompanies {
  /** Has no contacts. */
  readonly empty: CompanyId;
  /** Its region has no bucket. */
  readonly abroad: CompanyId;
  /** Its quota is too small for any file. */
  readonly full: CompanyId;
  /** For tests that use up the rate limit. */
  readonly noisy: CompanyId;
  readonly restless: CompanyId;
}

export async function seedSpecialCompanies(crm: Db): Promise<SpecialCompanies> {
  const seed = async (name: string, contacts: number, region = 'id') => {
    const id = companyId(uniqueName(name));
    await seedCompany(crm, { companyId: id, organizationId: organizationId('org'), contacts, region });
    return id;
  };
  const companies = {
    empty: await seed('empty', 0),
    abroad: await seed('abroad', 5, 'mars'),
    full: await seed('full', 5),
    noisy: await seed('noisy', 5),
    restless: await seed('restless', 5),
  };
  const tenants = crm.collection<{ _id: string; quota_bytes?: number }>('tenants');
  await tenants.updateOne({ _id: companies.full }, { $set: { quota_bytes: 100 } });
  return companies;
}
