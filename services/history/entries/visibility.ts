/**
 * Decides which entries a caller may see. There are three scopes: one's own exports, the company's and the
 * organisation's. An entry outside of the caller's widest scope is answered with EXPORT_NOT_FOUND. A colleague's entry
 * is the exception: it is answered with FORBIDDEN, because the caller may know of it.
 */
import type { Caller } from '@waybill/auth';
import { ExportError, type ErrorCode } from '@waybill/errors';
import { companyHistoryPermissions, type Permission } from '@waybill/domain';
import { erasedId } from '@waybill/erasure';
import type { EntryDocument } from './entry.ts';

export const scopes = ['mine', 'company', 'organization'] as const;
export type Scope = (typeof scopes)[number];

type Viewer = Pick<Caller, 'userId' | 'companyId' | 'organizationId' | 'permissions'>;
type Owned = Pick<EntryDocument, 'user_id' | 'company_id' | 'organization_id'>;

/** Any one of these permissions grants the scope. */
const granting: Readonly<Record<Scope, readonly [Permission, ...Permission[]]>> = {
  mine: ['contacts.export', ...companyHistoryPermissions],
  company: companyHistoryPermissions,
  organization: ['contacts.export.history.organization'],
};

/** Returns whether the viewer has a permission that grants the scope. */
export function maySee(viewer: Pick<Viewer, 'permissions'>, scope: Scope): boolean {
  return granting[scope].some((permission) => viewer.permissions.includes(permission));
}

/**
 * Returns the scope to list. The default is the company if the viewer may see it, else one's own exports. The
 * organisation is listed on request only.
 * @throws ExportError FORBIDDEN that names the missing permission.
 */
export function scopeToList(viewer: Viewer, requested: Scope | undefined): Scope {
  const scope = requested ?? (maySee(viewer, 'company') ? 'company' : 'mine');
  if (!maySee(viewer, scope)) throw forbidden(scope);
  return scope;
}

/** Returns why the viewer may not see the entry; undefined if the viewer may. */
export function refusalToSee(viewer: Viewer, entry: Owned): ErrorCode | undefined {
  if (entry.company_id !== viewer.companyId) {
    const related = entry.organization_id === viewer.organizationId;
    return related && maySee(viewer, 'organization') ? undefined : 'EXPORT_NOT_FOUND';
  }
  const scope = entry.user_id === viewer.userId ? 'mine' : 'company';
  if (maySee(viewer, scope)) return undefined;
  // An erased entry has no owner any more, so it does not exist for its former requester either.
  return entry.user_id === erasedId ? 'EXPORT_NOT_FOUND' : 'FORBIDDEN';
}

/** Returns FORBIDDEN with the narrowest permission that grants the scope. */
export function forbidden(scope: Scope): ExportError {
  return new ExportError('FORBIDDEN', { params: { permission: granting[scope][0] } });
}
