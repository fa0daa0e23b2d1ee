/** String of one kind of id, which is not assignable to another kind. */
type Branded<Name extends string> = string & { readonly __brand: Name };

export type JobId = Branded<'JobId'>;
export type CompanyId = Branded<'CompanyId'>;
export type OrganizationId = Branded<'OrganizationId'>;
export type UserId = Branded<'UserId'>;

/** Form of a job id: a UUID in lower case. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Returns whether a text has the form of a job id. */
export function isJobId(value: string): value is JobId {
  return uuid.test(value);
}

// Each function below brands an id. Another system decides the form of its ids, so they are not checked.
export const jobId = (value: string): JobId => value as JobId;
export const companyId = (value: string): CompanyId => value as CompanyId;
export const organizationId = (value: string): OrganizationId => value as OrganizationId;
export const userId = (value: string): UserId => value as UserId;

/**
 * Returns the address at which a browser gets the file of a job. It grants no access: history asks for a session.
 * @param publicUrl the address under which a browser reaches the API
 */
export function downloadUrl(publicUrl: string, jobId: string): string {
  return `${publicUrl}/iag/v1/contacts/export/history/${jobId}/download`;
}
