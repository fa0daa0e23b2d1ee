import { randomBytes } from 'node:crypto';

/**
 * Returns a unique name of lower-case letters, digits and hyphens, valid for topics, consumer groups, databases, buckets
 * and Redis prefixes. The prefix may have up to 40 characters, since the name of a bucket may have 63.
 */
export function uniqueName(prefix: string): string {
  return `${prefix}-${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
}
