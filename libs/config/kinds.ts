import { z } from 'zod';

/** Text that is not empty. */
export function text() {
  return z.string({ error: 'expected some text' }).min(1, 'expected some text');
}

/** A whole number in decimal digits; both limits are included. */
export function integer(limits: { readonly min?: number; readonly max?: number } = {}) {
  const min = limits.min ?? 0;
  const max = limits.max ?? Number.MAX_SAFE_INTEGER;
  const expected = limits.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  return z
    .string()
    .refine((value) => /^-?\d{1,16}$/.test(value) && within(Number(value), min, max), {
      error: `expected a whole number ${expected}`,
    })
    .transform(Number);
}

/** A decimal number such as 0.25; both limits are included. */
export function decimal(limits: { readonly min: number; readonly max: number }) {
  return z
    .string()
    .refine((value) => /^-?\d+(\.\d+)?$/.test(value) && within(Number(value), limits.min, limits.max), {
      error: `expected a number from ${limits.min} to ${limits.max}`,
    })
    .transform(Number);
}

/** `true` or `false`, and no other spelling. */
export function flag() {
  return z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .transform((value) => value === 'true');
}

/** One of a closed list. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `expected one of ${values.join(', ')}` });
}

/** A comma-separated list of at least one value; blanks around a value are removed. */
export function list() {
  return z
    .string()
    .transform((value) => value.split(',').map((item) => item.trim()))
    .refine((items) => items.every((item) => item !== ''), {
      error: 'expected values with commas between them',
    });
}

/** A comma-separated list of values of a closed list. */
export function listOf<const T extends readonly [string, ...string[]]>(values: T) {
  return list().pipe(z.array(z.enum(values, { error: `expected a list of ${values.join(', ')}` })));
}

/** An absolute URL with one of the protocols, as text without a slash at its end. */
export function url(...protocols: readonly string[]) {
  return z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)), {
      error: `expected a URL that begins with ${protocols.map((name) => `${name}://`).join(' or ')}`,
    })
    .transform((value) => value.replace(/\/$/, ''));
}

function within(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(Math.trunc(value)) && value >= min && value <= max;
}
