import { companyId, organizationId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { alertThreshold } from './tenant.ts';
import type { Tenant } from './types.ts';

const acme = companyId('acme');

function contactsOf(threshold?: number) {
  const tenant: Tenant = {
    companyId: acme,
    organizationId: organizationId('org'),
    region: 'id',
    name: 'Acme',
    ...(threshold === undefined ? {} : { alertThreshold: threshold }),
  };
  return { tenant: () => Promise.resolve(tenant) };
}

describe('alertThreshold', () => {
  it('alertThreshold returns the threshold of the company for an export that is larger', async () => {
    expect(await alertThreshold(contactsOf(100), acme, 101)).toBe(100);
  });

  it.each([0, 1, 100])(
    'alertThreshold returns undefined for an export of %i rows under a threshold of 100',
    async (rows) => {
      expect(await alertThreshold(contactsOf(100), acme, rows)).toBeUndefined();
    },
  );

  it('alertThreshold returns undefined for an empty export although the threshold is 0', async () => {
    expect(await alertThreshold(contactsOf(0), acme, 0)).toBeUndefined();
    expect(await alertThreshold(contactsOf(0), acme, 1)).toBe(0);
  });

  it('alertThreshold returns undefined for a company without a threshold or without a tenant', async () => {
    expect(await alertThreshold(contactsOf(), acme, 1_000_000)).toBeUndefined();
    expect(await alertThreshold({ tenant: () => Promise.resolve(undefined) }, acme, 1)).toBeUndefined();
  });
});
