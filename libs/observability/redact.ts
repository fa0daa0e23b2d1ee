import { describeError } from './error-fields.ts';
import { scrub } from './scrub.ts';
import type { LogFields } from './types.ts';

const hidden = '[redacted]';

/** Names of fields that are never written, whatever they hold, in any case and with - or _ between words. */
const hiddenNames = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'email',
  'emails',
  'recipient',
  'recipients',
  'phone',
  'search',
  'criterion',
  'password',
  'secret',
  'secretaccesskey',
  'token',
  'accesstoken',
  'signedurl',
  'downloadurl',
  'presignedurl',
]);

/** A log line describes; it does not carry a document. Deeper values are cut off. */
const maximumDepth = 6;

/**
 * The fields without secrets and personal data, as plain JSON values: hidden by name at any depth, and inside any
 * text what looks like a bearer token, a URL's signature or an email address. Bigints become decimal text, errors
 * become `{type, code, message, stack, cause}`.
 */
export function redact(fields: LogFields): Record<string, unknown> {
  return redactObject(fields, []);
}

/** `ancestors` are the objects around this one: a value that is among them would never end. */
function redactObject(fields: object, ancestors: readonly object[]): Record<string, unknown> {
  const inside = [...ancestors, fields];
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    result[name] = isHidden(name) && value !== undefined ? hidden : redactValue(value, inside);
  }
  return result;
}

function redactValue(value: unknown, ancestors: readonly object[]): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return scrub(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (ancestors.includes(value)) return '[circular]';
  if (ancestors.length >= maximumDepth) return '[too deep]';
  return Array.isArray(value)
    ? value.map((item: unknown) => redactValue(item, [...ancestors, value]))
    : redactObject(value, ancestors);
}

function isHidden(name: string): boolean {
  return hiddenNames.has(name.toLowerCase().replace(/[-_]/g, ''));
}
