import type { LogFields } from './types.ts';

const hidden = '[redacted]';

/** Names of fields whose values are never written, in any case and with - or _ between words. */
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

/** A log line does not contain documents: deeper values are cut off. */
const maximumDepth = 6;

/**
 * Returns the fields without secrets and personal data, as plain JSON values. Fields are hidden by name at any depth, and
 * bearer tokens, signatures of URLs and email addresses in any text. Bigints become decimal text, errors become
 * `{type, code, message, stack, cause}`.
 */
export function redact(fields: LogFields): Record<string, unknown> {
  return redactObject(fields, []);
}

/** Redacts an object. `ancestors` are the objects around it: a value among them is circular. */
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

/** How many causes are followed: more than any chain here has, and an end for a circular one. */
const maximumCauses = 5;

/** An error in a log line. */
interface ErrorFields {
  readonly type: string;
  readonly code?: string | number;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

/** Returns an error as JSON with these five properties only: others may contain whole requests. Texts are scrubbed. */
function describeError(error: Error, depth = 0): ErrorFields {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: scrub(error.message),
    ...(error.stack === undefined ? {} : { stack: scrub(error.stack) }),
    ...(error.cause === undefined || depth >= maximumCauses ? {} : { cause: causeOf(error.cause, depth) }),
  };
}

function causeOf(cause: unknown, depth: number): unknown {
  if (cause instanceof Error) return describeError(cause, depth + 1);
  return typeof cause === 'string' ? scrub(cause) : `[${typeof cause}]`;
}

/** What is removed from any text, and its replacement. */
const rules: readonly (readonly [RegExp, string])[] = [
  // AWS Signature Version 4 in a query string: the signature gives access to the file.
  [/\b(x-amz-(?:signature|credential|security-token))=[^&\s"'<>]*/gi, '$1=[redacted]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  // A JSON Web Token without its scheme: header and payload are JSON objects, whose base64url begins with eyJ.
  [/\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g, '[redacted]'],
  // Credentials inside a URL, such as a connection string in a driver's message.
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:"']*:[^\s/@"']*@/gi, '$1[redacted]@'],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+/gi, '[redacted]'],
];

/** The longest text that a log field holds, in UTF-16 code units. */
const maximumLength = 8192;

/** Returns the text without bearer tokens, signatures, credentials in URLs and email addresses. Long text is cut. */
function scrub(text: string): string {
  let clean = text.length > maximumLength ? `${text.slice(0, maximumLength)}… [cut]` : text;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  return clean;
}
