import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { callerOfClaims, requireEmail, requirePermission } from './caller.ts';

const claims = {
  sub: 'u1',
  company_id: 'c1',
  organization_id: 'o1',
  permissions: ['contacts.export', 'tickets.read', 'contacts.export.admin'],
  email: 'budi@example.com',
};

function refusal(payload: unknown): ExportError {
  try {
    callerOfClaims(payload);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('The claims were accepted.');
}

describe('callerOfClaims', () => {
  it('callerOfClaims keeps known permissions and drops those of other products', () => {
    expect(callerOfClaims(claims)).toEqual({
      userId: 'u1',
      companyId: 'c1',
      organizationId: 'o1',
      permissions: ['contacts.export', 'contacts.export.admin'],
      email: 'budi@example.com',
      locale: 'en',
    });
  });

  it.each([
    ['id', 'id'],
    ['id-ID', 'id'],
    ['ID_id', 'id'],
    ['en-GB', 'en'],
    ['idx', 'en'],
    ['fr', 'en'],
    [undefined, 'en'],
  ])('callerOfClaims maps the locale %s to the language %s', (locale, expected) => {
    expect(callerOfClaims({ ...claims, locale }).locale).toBe(expected);
  });

  it.each(['sub', 'company_id', 'organization_id', 'permissions'])(
    'callerOfClaims rejects claims without %s',
    (claim) => {
      const error = refusal({ ...claims, [claim]: undefined });
      expect(error.code).toBe('UNAUTHENTICATED');
      expect(error.message).toContain(claim);
      expect(error.detail('id')).toContain(`klaim token berikut tidak ada atau tidak sah: ${claim}`);
    },
  );

  it.each([
    ['an empty id', { sub: '' }],
    ['an id with a path separator', { company_id: '../c2' }],
    ['an id with a line break', { company_id: 'c1\nc2' }],
    ['an id that is a query operator', { company_id: { $ne: null } }],
    ['a number as an id', { sub: 1 }],
    ['an id of 129 characters', { organization_id: 'x'.repeat(129) }],
    ['permissions in a single text', { permissions: 'contacts.export' }],
    ['an email without a domain', { email: 'budi' }],
    ['an email with a second header', { email: 'budi@example.com\r\nBcc: x@example.com' }],
  ])('callerOfClaims rejects claims with %s', (_, wrong) => {
    expect(refusal({ ...claims, ...wrong }).code).toBe('UNAUTHENTICATED');
  });

  it('callerOfClaims names every invalid claim once and repeats no value', () => {
    const error = refusal({ ...claims, sub: '', email: 'secret-value', permissions: [1, 2] });
    expect(error.message).toContain('sub, permissions, email');
    expect(error.message).not.toContain('secret-value');
  });
});

describe('requireEmail', () => {
  it('requireEmail returns a caller with an email and names the claim when it rejects one without', () => {
    expect(requireEmail(callerOfClaims(claims)).email).toBe('budi@example.com');
    const without = callerOfClaims({ ...claims, email: undefined });
    expect(without).not.toHaveProperty('email');
    expect(() => requireEmail(without)).toThrow(
      expect.objectContaining({
        code: 'UNAUTHENTICATED',
        message: expect.stringContaining('email') as string,
      }),
    );
  });
});

describe('requirePermission', () => {
  it('requirePermission accepts a caller with the permission and names it when it rejects one without', () => {
    const caller = callerOfClaims(claims);
    expect(() => requirePermission(caller, 'contacts.export')).not.toThrow();
    expect(() => requirePermission(caller, 'contacts.export.history.company')).toThrow(
      'Ask an administrator for the permission contacts.export.history.company.',
    );
  });
});
