import { randomUUID } from 'node:crypto';

/** Accepts UUIDs, ULIDs and the ids of common proxies, and no characters that could forge a log line. */
const wellFormed = /^[\w.-]{8,128}$/;

/** Returns the id of a request: the value of its X-Request-Id if that is well-formed, otherwise a new UUID. */
export function requestIdOf(header: unknown): string {
  return typeof header === 'string' && wellFormed.test(header) ? header : randomUUID();
}
