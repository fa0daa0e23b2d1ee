import { createHash } from 'node:crypto';
import type { CompanyId, UserId } from '@waybill/domain';

/**
 * Returns the hash by which two requests are the same: SHA-256 in lower-case hex of the parsed request, with its defaults
 * filled in and its keys sorted. A request that sends a default value and one that leaves it out have the same hash.
 */
export function fingerprint(request: unknown): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex');
}

/** The person who sent a request. */
export interface Owner {
  readonly companyId: CompanyId;
  readonly userId: UserId;
}

/**
 * Returns the unique key of a user and a fingerprint or an Idempotency-Key, for a unique index. It hashes company and user
 * too, so that two users never have the same key.
 */
export function uniqueKeyOf({ companyId, userId }: Owner, kind: 'key' | 'request', value: string): string {
  return fingerprint([companyId, userId, kind, value]);
}

/** Returns JSON with the keys of every object sorted. As in all JSON, undefined values are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
