import { z } from 'zod';
import type { SettingDocumentation } from './setting.ts';

const documentation = z.object({
  reason: z.string(),
  unit: z.string().optional(),
  secret: z.boolean().optional(),
});

/** Returns the documentation that `setting()` added, also below a later `.default()` or `.optional()`. */
export function documentationOf(schema: unknown): SettingDocumentation | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const own = documentation.safeParse(schema.meta());
  if (own.success) {
    const { reason, unit, secret } = own.data;
    return { reason, ...(unit === undefined ? {} : { unit }), ...(secret === undefined ? {} : { secret }) };
  }
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
    ? documentationOf(schema.unwrap())
    : undefined;
}

/** Returns the default of a setting; `undefined` if the setting is required. */
export function defaultOf(schema: unknown): { readonly value: unknown } | undefined {
  if (schema instanceof z.ZodDefault) return { value: schema.def.defaultValue };
  if (schema instanceof z.ZodOptional) return defaultOf(schema.unwrap()) ?? { value: undefined };
  return undefined;
}
