import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { callerOfClaims, requirePermission } from './caller.ts';

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

describe('the caller of a token', () => {
  it('has the permissions that we know, and none of other products', () => {
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
  ])('with the locale %s reads in %s', (locale, expected) => {
    expect(callerOfClaims({ ...claims, locale }).locale).toBe(expected);
  });

  it.each(['sub', 'company_id', 'organization_id', 'permissions', 'email'])(
    'is refused without %s',
    (claim) => {
      const error = refusal({ ...claims, [claim]: undefined });
      expect(error.code).toBe('UNAUTHENTICATED');
      expect(error.message).toContain(claim);
      expect(error.detail('id')).toContain(`klaim token berikut tidak ada atau tidak sah: ${claim}`);
    },
  );

  it.each([
    ['an empty id', { sub: '' }],
    ['an id that is a path', { company_id: '../c2' }],
    ['an id with a line break', { company_id: 'c1\nc2' }],
    ['an id that is an operator', { company_id: { $ne: null } }],
    ['a number as id', { sub: 1 }],
    ['an endless id', { organization_id: 'x'.repeat(129) }],
    ['permissions in one text', { permissions: 'contacts.export' }],
    ['an address that is none', { email: 'budi' }],
    ['an address with a second header', { email: 'budi@example.com\r\nBcc: x@example.com' }],
  ])('is refused with %s', (_, wrong) => {
    expect(refusal({ ...claims, ...wrong }).code).toBe('UNAUTHENTICATED');
  });

  it('names every claim that is wrong, once, and repeats no value', () => {
    const error = refusal({ ...claims, sub: '', email: 'secret-value', permissions: [1, 2] });
    expect(error.message).toContain('sub, permissions, email');
    expect(error.message).not.toContain('secret-value');
  });
});

describe('requirePermission', () => {
  it('passes a caller who has it and refuses one who has not, by the name of the permission', () => {
    const caller = callerOfClaims(claims);
    expect(() => requirePermission(caller, 'contacts.export')).not.toThrow();
    expect(() => requirePermission(caller, 'contacts.export.history.company')).toThrow(
      'Ask an administrator for the permission contacts.export.history.company.',
    );
  });
});
