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

describe('who may see an entry', () => {
  it('one sees what one asked for oneself', () => {
    expect(refusalToSee(viewer('contacts.export'), entry)).toBeUndefined();
  });

  it("a colleague's entry takes the permission for the company", () => {
    expect(refusalToSee(viewer('contacts.export'), colleagues)).toBe('FORBIDDEN');
    expect(refusalToSee(viewer('contacts.export.history.company'), colleagues)).toBeUndefined();
    expect(refusalToSee(viewer('contacts.export.admin'), colleagues)).toBeUndefined();
  });

  it("a sister company's entry exists only for who may see the organisation", () => {
    expect(refusalToSee(viewer('contacts.export.history.company', 'contacts.export.admin'), sisters)).toBe(
      'EXPORT_NOT_FOUND',
    );
    expect(refusalToSee(viewer('contacts.export.history.organization'), sisters)).toBeUndefined();
  });

  it('an entry of another organisation exists for nobody here, not even under the same user id', () => {
    const everything = viewer(
      'contacts.export',
      'contacts.export.admin',
      'contacts.export.history.company',
      'contacts.export.history.organization',
    );
    expect(refusalToSee(everything, strangers)).toBe('EXPORT_NOT_FOUND');
    expect(refusalToSee(everything, { ...strangers, user_id: 'ani' })).toBe('EXPORT_NOT_FOUND');
  });

  it('an erased entry exists only for who may see the company: who asked for it is nobody now', () => {
    const erased = { ...entry, user_id: 'erased' };
    expect(refusalToSee(viewer('contacts.export'), erased)).toBe('EXPORT_NOT_FOUND');
    expect(refusalToSee(viewer('contacts.export.history.company'), erased)).toBeUndefined();
  });

  it("without a permission one sees nothing, one's own included", () => {
    expect(refusalToSee(viewer(), entry)).toBe('FORBIDDEN');
  });
});

describe('which circle is listed', () => {
  it("is the company's for who may see it, else one's own", () => {
    expect(scopeToList(viewer('contacts.export'), undefined)).toBe('mine');
    expect(scopeToList(viewer('contacts.export.history.company'), undefined)).toBe('company');
    expect(scopeToList(viewer('contacts.export.history.organization'), undefined)).toBe('company');
  });

  it("is the organisation's only when asked for", () => {
    expect(scopeToList(viewer('contacts.export.history.organization'), 'organization')).toBe('organization');
  });

  it('names the permission that is missing', () => {
    const ask = () => scopeToList(viewer('contacts.export'), 'organization');
    expect(ask).toThrow('contacts.export.history.organization');
    expect(() => scopeToList(viewer(), undefined)).toThrow('contacts.export');
  });
});
