/**
 * Who may see which entry. Three circles: one's own exports, the company's, the organisation's. An entry outside of the
 * caller's widest circle does not exist for the caller, except a colleague's: that one is refused, since the caller may
 * well know of it.
 */
import type { Caller } from '@waybill/auth';
import { ExportError, type ErrorCode } from '@waybill/errors';
import type { Permission } from '@waybill/domain';
import { erasedUser, type EntryDocument } from './entry.ts';

export const scopes = ['mine', 'company', 'organization'] as const;
export type Scope = (typeof scopes)[number];

type Viewer = Pick<Caller, 'userId' | 'companyId' | 'organizationId' | 'permissions'>;
type Owned = Pick<EntryDocument, 'user_id' | 'company_id' | 'organization_id'>;

/** Any one of these permissions opens the circle. */
const opening: Readonly<Record<Scope, readonly [Permission, ...Permission[]]>> = {
  mine: [
    'contacts.export',
    'contacts.export.history.company',
    'contacts.export.history.organization',
    'contacts.export.admin',
  ],
  company: [
    'contacts.export.history.company',
    'contacts.export.history.organization',
    'contacts.export.admin',
  ],
  organization: ['contacts.export.history.organization'],
};

export function maySee(viewer: Pick<Viewer, 'permissions'>, scope: Scope): boolean {
  return opening[scope].some((permission) => viewer.permissions.includes(permission));
}

/**
 * The circle to list. Without a wish: the company's where allowed, else one's own; the organisation's only when asked
 * for. @throws ExportError FORBIDDEN that names the missing permission.
 */
export function scopeToList(viewer: Viewer, wish: Scope | undefined): Scope {
  const scope = wish ?? (maySee(viewer, 'company') ? 'company' : 'mine');
  if (!maySee(viewer, scope)) throw forbidden(scope);
  return scope;
}

/** Why the viewer may not see the entry; undefined if the viewer may. */
export function refusalToSee(viewer: Viewer, entry: Owned): ErrorCode | undefined {
  if (entry.company_id !== viewer.companyId) {
    const related = entry.organization_id === viewer.organizationId;
    return related && maySee(viewer, 'organization') ? undefined : 'EXPORT_NOT_FOUND';
  }
  const scope = entry.user_id === viewer.userId ? 'mine' : 'company';
  if (maySee(viewer, scope)) return undefined;
  // Nobody's export any more: to who asked for it too it is as if it had never been.
  return entry.user_id === erasedUser ? 'EXPORT_NOT_FOUND' : 'FORBIDDEN';
}

export function forbidden(scope: Scope): ExportError {
  return new ExportError('FORBIDDEN', { params: { permission: opening[scope][0] } });
}
