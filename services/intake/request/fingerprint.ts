import { createHash } from 'node:crypto';
import type { CompanyId, UserId } from '@waybill/domain';

/**
 * What makes two requests the same: SHA-256, lower-case hex, of the parsed body with its defaults in place and its
 * keys in order. A body that says a default and one that leaves it out are therefore the same request.
 */
export function fingerprint(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

/** Whose request it is. */
export interface Owner {
  readonly companyId: CompanyId;
  readonly userId: UserId;
}

/** A user's claim on a fingerprint or an Idempotency-Key: two users, or two companies, never have the same. */
export function claimOf({ companyId, userId }: Owner, kind: 'key' | 'request', value: string): string {
  return fingerprint([companyId, userId, kind, value]);
}

/** JSON with the keys of every object sorted; what JSON leaves out (`undefined`) is left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
