import { ExportError } from '@waybill/errors';
import {
  companyId,
  organizationId,
  permissions as knownPermissions,
  userId,
  type CompanyId,
  type Locale,
  type OrganizationId,
  type Permission,
  type UserId,
} from '@waybill/domain';
import { z } from 'zod';
import { invalidClaims } from './unauthenticated.ts';

/** The person a request comes from, according to the token's issuer. */
export interface Caller {
  readonly userId: UserId;
  readonly companyId: CompanyId;
  readonly organizationId: OrganizationId;
  /** Only the permissions that @waybill/domain lists: a token may carry permissions of other products. */
  readonly permissions: readonly Permission[];
  /** Absent in the tokens of issuers that do not pass addresses on; see `requireEmail`. */
  readonly email?: string;
  readonly name?: string;
  readonly locale: Locale;
}

/** Ids become part of storage keys and queries, so they have a limit and no control characters or path separators. */
const id = z.string().regex(/^[^\s/\\\p{Cc}]{1,128}$/u, 'expected an id of 1 to 128 characters');

const claims = z.object({
  sub: id,
  company_id: id,
  organization_id: id,
  permissions: z.array(z.string()).max(1000),
  email: z.email().max(254).optional(),
  name: z.string().trim().min(1).max(200).optional(),
  locale: z.string().max(35).optional(),
});

/**
 * Returns the caller that a token's claims describe.
 * @throws ExportError UNAUTHENTICATED with the names of the claims that are missing or not valid.
 */
export function callerOfClaims(payload: unknown): Caller {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
    throw invalidClaims(names);
  }
  const { data } = parsed;
  return {
    userId: userId(data.sub),
    companyId: companyId(data.company_id),
    organizationId: organizationId(data.organization_id),
    permissions: knownPermissions.filter((permission) => data.permissions.includes(permission)),
    ...(data.email === undefined ? {} : { email: data.email }),
    ...(data.name === undefined ? {} : { name: data.name }),
    locale: localeOf(data.locale),
  };
}

/** Returns the language of a BCP 47 tag: `id-ID` is Indonesian, everything else is English. */
function localeOf(tag: string | undefined): Locale {
  return tag?.toLowerCase().split(/[-_]/)[0] === 'id' ? 'id' : 'en';
}

/** A caller whose token contains an email address. */
export type CallerWithEmail = Caller & { readonly email: string };

/**
 * Returns the caller, for requests after which an email is sent.
 * @throws ExportError UNAUTHENTICATED that names the claim if the token contains no email address.
 */
export function requireEmail(caller: Caller): CallerWithEmail {
  const { email } = caller;
  if (email === undefined) throw invalidClaims(['email']);
  return { ...caller, email };
}

/**
 * Checks that the caller has a permission.
 * @throws ExportError FORBIDDEN with the name of the permission.
 */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (!caller.permissions.includes(permission)) {
    throw new ExportError('FORBIDDEN', { params: { permission } });
  }
}
