import { jobStatuses } from '@waybill/domain';
import { erasureAnswer } from '@waybill/erasure';
import { cursorPaginationSchema } from '@waybill/http';
import { z } from 'zod';
import { warningSchema } from '../admission/warnings.ts';
import { statusSchema } from '../job/status-schema.ts';
import { maximumPerPage, paginationSchema } from '../request/pages.ts';
import { configurationSchema } from '../request/export-request.ts';

/* The schemas of answers: exports, fields and contacts of the CRM, presets, erasures. */

export const acceptedSchema = z.object({
  job_id: z.uuid(),
  status: z.enum(jobStatuses).describe('queued; for a repeated request the status of its job'),
  email: z.email().describe('The address that receives the link to the file'),
  warnings: z.array(warningSchema).optional(),
});

export const exportsSchema = z.object({
  data: z.array(statusSchema).max(100),
  pagination: cursorPaginationSchema,
});

const optionSchema = z.object({ key: z.string(), label: z.string() });

export const fieldPropertySchema = z.object({
  name: z.string().describe('Stable; used in selected_fields'),
  name_alias: z.string().describe('The name that people read'),
  field_type: z.string(),
  is_hidden: z.boolean().describe('Exported only with a layout that contains it'),
  is_default: z.boolean(),
  type: z.enum(['contact', 'association']),
  validation: z.looseObject({
    number: z
      .looseObject({
        number_type: z.enum(['number', 'currency', 'percentage']),
        currency_code: z.string().optional(),
      })
      .optional(),
    options: z.array(optionSchema).optional(),
  }),
});

export const fieldPropertiesSchema = z.object({
  data: z.array(fieldPropertySchema).max(maximumPerPage),
  pagination: paginationSchema,
});

export const layoutSchema = z.object({
  id: z.string(),
  name: z.string(),
  is_default: z.boolean(),
  fields: z.array(z.string()).describe('Field names in the order of the columns'),
});

export const layoutsSchema = z.object({
  data: z.array(layoutSchema).max(maximumPerPage),
  pagination: paginationSchema,
});

export const contactsSchema = z.object({
  columns: z.array(z.object({ name: z.string(), header: z.string(), field_type: z.string() })),
  data: z.array(
    z.object({
      id: z.string(),
      values: z
        .record(z.string(), z.unknown())
        .describe('By field name. Datetimes are milliseconds since 1970, dates YYYY-MM-DD, references names'),
    }),
  ),
  pagination: z.object({
    limit: z.int().min(1),
    next_cursor: z.string().nullable().describe('Null on the last page'),
    total: z.int().min(0).nullable().describe('Set on the first page; null when counting took too long'),
  }),
});

const instant = z.iso.datetime();
/** An answer contains no defaults, so language and default timezone have no effect. */
const configuration = configurationSchema('UTC', 'en');

const missing = {
  missing_fields: z.array(z.string()).describe('Fields that were removed or may no longer be exported'),
  missing_layout: z.boolean(),
};

export const presetViewSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  shared: z.boolean().describe('Visible to the whole company'),
  own: z.boolean(),
  configuration,
  ...missing,
  etag: z.string().describe('The version, as the ETag header has it; send it as If-Match with a change'),
  created_at: instant,
  updated_at: instant,
});

export const presetsSchema = z.object({
  data: z.array(presetViewSchema).max(maximumPerPage),
  pagination: paginationSchema,
});
export const lastConfigurationSchema = z.object({ configuration, ...missing, saved_at: instant });

const count = z.int().nonnegative();

/** The answer to an erasure. Running jobs count as remaining; a repeated erasure removes them after their end. */
export const erasureSchema = erasureAnswer(
  z.strictObject({ jobs: count, presets: count, last_configurations: count, personal_keys: count }),
);
