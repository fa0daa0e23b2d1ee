import { randomBytes } from 'node:crypto';

/**
 * A name that no other test has, of lower-case letters, digits and hyphens: right for topics, consumer groups,
 * databases, buckets and Redis prefixes. The prefix may take up to 40 characters, since a bucket's name ends at 63.
 */
export function uniqueName(prefix: string): string {
  return `${prefix}-${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
}
