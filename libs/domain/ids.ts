/** A string that cannot be passed where another id is expected. */
type Branded<Name extends string> = string & { readonly __brand: Name };

export type JobId = Branded<'JobId'>;
export type CompanyId = Branded<'CompanyId'>;
export type OrganizationId = Branded<'OrganizationId'>;
export type UserId = Branded<'UserId'>;

/** Job ids are UUIDs in lower case. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isJobId(value: string): value is JobId {
  return uuid.test(value);
}

// The ids below are opaque: the system that issues them decides their form. Only these casts set the brand.
export const jobId = (value: string): JobId => value as JobId;
export const companyId = (value: string): CompanyId => value as CompanyId;
export const organizationId = (value: string): OrganizationId => value as OrganizationId;
export const userId = (value: string): UserId => value as UserId;
