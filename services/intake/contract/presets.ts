import { z } from 'zod';
import { configurationSchema } from '../request/export-request.ts';

const instant = z.iso.datetime();
/** In an answer every default has its value, so neither language nor default timezone matter here. */
const configuration = configurationSchema('UTC', 'en');

const missing = {
  missing_fields: z.array(z.string()).describe('Fields that are gone or may not be exported any more'),
  missing_layout: z.boolean(),
};

export const presetViewSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  shared: z.boolean().describe('Seen by the whole company'),
  own: z.boolean(),
  configuration,
  ...missing,
  created_at: instant,
  updated_at: instant,
});

export const presetsSchema = z.object({ data: z.array(presetViewSchema) });
export const presetSchema = z.object({ data: presetViewSchema });
export const lastSchema = z.object({
  data: z
    .object({ configuration, ...missing, saved_at: instant })
    .nullable()
    .describe('Null before the first export'),
});
