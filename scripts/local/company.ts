import type { Membership } from '@waybill/contacts';
import { recordMember as recordMembership, seedCompany } from '@waybill/fixtures';
import type { Logger } from '@waybill/observability';
import { openStore, type Store } from '@waybill/mongo';
import { companyId, limits, organizationId, permissions, userId, type Permission } from '@waybill/domain';

/** The person that a development token identifies. */
export interface Requester {
  readonly company: string;
  readonly organization: string;
  readonly user: string;
  readonly email: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/** Returns a requester with these ids and an email address in a reserved domain. */
export function requesterOf(
  company: string,
  user: string,
  granted: readonly Permission[] = permissions,
): Requester {
  return {
    company,
    organization: `${company}-organization`,
    user,
    email: `${user}@${company}.example`,
    name: user,
    permissions: granted,
  };
}

function membershipOf(requester: Requester): Membership {
  return {
    userId: userId(requester.user),
    email: requester.email,
    name: requester.name,
    locale: 'en',
    permissions: requester.permissions,
  };
}

export interface CrmAddress {
  readonly mongoUrl: string;
  readonly database: string;
  readonly logger: Logger;
}

async function withCrm<T>(crm: CrmAddress, work: (db: Store['db']) => Promise<T>): Promise<T> {
  const store = openStore({ url: crm.mongoUrl, database: crm.database, logger: crm.logger });
  try {
    return await work(store.db);
  } finally {
    await store.close();
  }
}

/** Creates a company in the CRM with fields, layouts, contacts and one member. Raises its cap if necessary. */
export async function createCompany(crm: CrmAddress, requester: Requester, contacts: number): Promise<void> {
  await withCrm(crm, (db) =>
    seedCompany(db, {
      companyId: companyId(requester.company),
      organizationId: organizationId(requester.organization),
      contacts,
      user: membershipOf(requester),
      // Recent contacts, so that periods such as the last seven days are not empty.
      newestAt: Date.now(),
      ...(contacts > limits.defaultCap ? { cap: limits.maximumCap } : {}),
    }),
  );
}

/** Makes requesters members of their companies, which may exist already. */
export async function recordMembers(crm: CrmAddress, requesters: readonly Requester[]): Promise<void> {
  await withCrm(crm, async (db) => {
    for (const requester of requesters) {
      const company = companyId(requester.company);
      await recordMembership(db, company, organizationId(requester.organization), membershipOf(requester));
    }
  });
}

/** Returns the contact ids of a company, newest first and then by descending id, sorted by the database. */
export async function newestFirst(crm: CrmAddress, company: string): Promise<readonly string[]> {
  return withCrm(crm, async (db) => {
    const contacts = db.collection<{ readonly _id: string; readonly created_at: unknown }>('contacts');
    const found = await contacts.find({ company_id: company }, { projection: { created_at: 1 } }).toArray();
    const rank = (at: unknown): number => (at instanceof Date ? at.getTime() : -Infinity);
    return found
      .sort(
        (left, right) => rank(right.created_at) - rank(left.created_at) || (left._id < right._id ? 1 : -1),
      )
      .map((contact) => contact._id);
  });
}
