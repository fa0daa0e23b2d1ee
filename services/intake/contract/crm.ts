import { z } from 'zod';

export const paginationSchema = z.object({
  page: z.int().min(1),
  per_page: z.int().min(1),
  total: z.int().min(0),
  total_pages: z.int().min(0),
});

const optionSchema = z.object({ key: z.string(), label: z.string() });

export const fieldPropertySchema = z.object({
  name: z.string().describe('Stable; what selected_fields names'),
  name_alias: z.string().describe('What people read'),
  field_type: z.string(),
  is_hidden: z.boolean().describe('Exported only with a layout that has it'),
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
  data: z.array(fieldPropertySchema),
  pagination: paginationSchema,
});

export const layoutSchema = z.object({
  id: z.string(),
  name: z.string(),
  is_default: z.boolean(),
  fields: z.array(z.string()).describe('Field names in the order of the columns'),
});

export const layoutsSchema = z.object({ data: z.array(layoutSchema), pagination: paginationSchema });
export const defaultLayoutSchema = z.object({ data: layoutSchema });

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
    total: z.int().min(0).nullable().describe('On the first page; null when counting took too long'),
  }),
});
