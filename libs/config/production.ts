import type { FieldFault } from '@waybill/errors';
import type { z } from 'zod';
import { documentationOf } from './setting.ts';

/** Passwords and keys that servers and examples come with. */
const defaultSecrets: ReadonlySet<string> = new Set([
  'admin',
  'changeme',
  'default',
  'example',
  'guest',
  'minioadmin',
  'password',
  'secret',
  'test',
]);

/** A random key of 32 bytes has about 30 different bytes; one of a test or an example has one or two. */
const fewestDifferentBytes = 8;

/**
 * Returns a fault for each setting whose value is only for development: a secret that everybody knows, and what the
 * documentation of the setting refuses. There are none in development, which has to be asked for by name, so that an
 * installation that does not say what it is gets the strict rules.
 */
export function refusedInProduction(
  schema: z.ZodObject,
  settings: Readonly<Record<string, unknown>>,
): readonly FieldFault[] {
  if (settings['WAYBILL_MODE'] !== 'production') return [];
  return Object.keys(schema.shape).flatMap((name) => {
    const value = settings[name];
    if (typeof value !== 'string') return [];
    const { secret = false, refusedInProduction: refuse } = documentationOf(schema.shape[name]) ?? {};
    const reason =
      refuse?.(value) ?? (secret && isDefault(value) ? 'is a secret that everybody knows' : undefined);
    const message = `${reason}: it is refused in production (WAYBILL_MODE=development allows it)`;
    return reason === undefined ? [] : [{ path: name, message }];
  });
}

/** Returns whether a secret, or the password in a URL, is one of the known ones. */
function isDefault(value: string): boolean {
  // Not parsed as a URL, because that of MongoDB may name several hosts.
  const [, password = value] = /^[a-z+]+:\/\/[^/:@]*:([^/@]*)@/i.exec(value) ?? [];
  return defaultSecrets.has(password.toLowerCase());
}

/** Returns why a URL is refused in production; undefined if it is encrypted. */
export function unencrypted(url: string): string | undefined {
  return url.startsWith('http://')
    ? 'is not encrypted, so that anybody on the way can change the answer'
    : undefined;
}

/** Returns why keys in the form `id:base64` are refused in production; undefined if each looks random. */
export function notRandom(keys: string): string | undefined {
  const weak = keys.split(',').some((entry) => {
    const bytes = Buffer.from(entry.slice(entry.indexOf(':') + 1), 'base64');
    return new Set(bytes).size < fewestDifferentBytes;
  });
  return weak ? 'contains a key that is not random' : undefined;
}
