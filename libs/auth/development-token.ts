import type { Locale, Permission } from '@waybill/domain';
import { SignJWT } from 'jose';
import {
  developmentAudience,
  developmentIssuer,
  developmentKey,
  importKey,
  refuseInProduction,
} from './development-keys.ts';

/** Who a development token is for. */
export interface DevelopmentClaims {
  readonly userId: string;
  readonly companyId: string;
  /** `org-COMPANY` by default. */
  readonly organizationId?: string;
  /** The permission to export and to see the company's history by default. */
  readonly permissions?: readonly Permission[];
  /** `USER@example.com` by default: a domain that never receives mail (RFC 2606). */
  readonly email?: string;
  readonly name?: string;
  readonly locale?: Locale;
  /** 12 h by default: a day of trying things out. Negative makes a token that has expired. */
  readonly expiresInSeconds?: number;
}

const twelveHours = 12 * 60 * 60;

/** A token signed with the key of the directory, without a server. Refused in production. */
export async function issueDevelopmentToken(directory: string, claims: DevelopmentClaims): Promise<string> {
  refuseInProduction();
  const key = await developmentKey(directory);
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT({
    company_id: claims.companyId,
    organization_id: claims.organizationId ?? `org-${claims.companyId}`,
    permissions: claims.permissions ?? ['contacts.export', 'contacts.export.history.company'],
    email: claims.email ?? `${claims.userId}@example.com`,
    ...(claims.name === undefined ? {} : { name: claims.name }),
    locale: claims.locale ?? 'en',
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .setIssuer(developmentIssuer)
    .setAudience(developmentAudience)
    .setSubject(claims.userId)
    .setIssuedAt(now)
    .setExpirationTime(now + (claims.expiresInSeconds ?? twelveHours));
  return token.sign(await importKey(key));
}
