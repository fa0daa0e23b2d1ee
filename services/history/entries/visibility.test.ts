import { companyId, organizationId, userId, type Permission } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { refusalToSee, scopeToList } from './visibility.ts';

const viewer = (...permissions: Permission[]) => ({
  userId: userId('ani'),
  companyId: companyId('acme'),
  organizationId: organizationId('org'),
  permissions,
});

const entry = { user_id: 'ani', company_id: 'acme', organization_id: 'org' };
const colleagues = { ...entry, user_id: 'budi' };
const sisters = { ...colleagues, company_id: 'acme-west' };
const strangers = { ...sisters, organization_id: 'other' };

describe('refusalToSee', () => {
  it('shows callers their own entries', () => {
    expect(refusalToSee(viewer('contacts.export'), entry)).toBeUndefined();
  });

  it("requires the permission for the company for a colleague's entry", () => {
    expect(refusalToSee(viewer('contacts.export'), colleagues)).toBe('FORBIDDEN');
    expect(refusalToSee(viewer('contacts.export.history.company'), colleagues)).toBeUndefined();
    expect(refusalToSee(viewer('contacts.export.admin'), colleagues)).toBeUndefined();
  });

  it("requires the permission for the organisation for a sister company's entry", () => {
    expect(refusalToSee(viewer('contacts.export.history.company', 'contacts.export.admin'), sisters)).toBe(
      'EXPORT_NOT_FOUND',
    );
    expect(refusalToSee(viewer('contacts.export.history.organization'), sisters)).toBeUndefined();
  });

  it('shows an entry of another organisation to no caller, not even with the same user id', () => {
    const everything = viewer(
      'contacts.export',
      'contacts.export.admin',
      'contacts.export.history.company',
      'contacts.export.history.organization',
    );
    expect(refusalToSee(everything, strangers)).toBe('EXPORT_NOT_FOUND');
    expect(refusalToSee(everything, { ...strangers, user_id: 'ani' })).toBe('EXPORT_NOT_FOUND');
  });

  it('shows an erased entry only with the permission for the company, not to its former requester', () => {
    const erased = { ...entry, user_id: 'erased' };
    expect(refusalToSee(viewer('contacts.export'), erased)).toBe('EXPORT_NOT_FOUND');
    expect(refusalToSee(viewer('contacts.export.history.company'), erased)).toBeUndefined();
  });

  it('refuses a caller without any permission, even for their own entry', () => {
    expect(refusalToSee(viewer(), entry)).toBe('FORBIDDEN');
  });
});

describe('scopeToList', () => {
  it('defaults to the company if the caller may see it, else to their own entries', () => {
    expect(scopeToList(viewer('contacts.export'), undefined)).toBe('mine');
    expect(scopeToList(viewer('contacts.export.history.company'), undefined)).toBe('company');
    expect(scopeToList(viewer('contacts.export.history.organization'), undefined)).toBe('company');
  });

  it('lists the organisation on request only', () => {
    expect(scopeToList(viewer('contacts.export.history.organization'), 'organization')).toBe('organization');
  });

  it('throws FORBIDDEN with the missing permission', () => {
    const ask = () => scopeToList(viewer('contacts.export'), 'organization');
    expect(ask).toThrow('contacts.export.history.organization');
    expect(() => scopeToList(viewer(), undefined)).toThrow('contacts.export');
  });
});
