import type { DevelopmentClaims } from '@waybill/auth';
import type { Requester } from './company.ts';

/** Returns the claims of a requester's token, in the form of the CRM. */
export function tokenClaims(requester: Requester): DevelopmentClaims {
  return {
    userId: requester.user,
    companyId: requester.company,
    organizationId: requester.organization,
    permissions: requester.permissions,
    email: requester.email,
    name: requester.name,
    locale: 'en',
  };
}
