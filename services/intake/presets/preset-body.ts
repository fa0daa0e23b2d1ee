import type { Language } from '@waybill/errors';
import { z } from 'zod';
import { configurationSchema } from '../request/export-request.ts';

/** Presets of one person: more are no help, and a bound keeps a mistaken client from filling the store. */
export const maximumPresets = 100;

const nameSchema = z.string().trim().min(1).max(100);

/** The body that makes a preset; private unless it says otherwise. */
export function newPresetSchema(defaultTimezone: string, language: Language) {
  return z.strictObject({
    name: nameSchema,
    shared: z.boolean().default(false),
    configuration: configurationSchema(defaultTimezone, language),
  });
}

/** The body that changes a preset: what it leaves out stays as it is. */
export function presetChangeSchema(defaultTimezone: string, language: Language) {
  return z.strictObject({
    name: nameSchema.optional(),
    shared: z.boolean().optional(),
    configuration: configurationSchema(defaultTimezone, language).optional(),
  });
}
