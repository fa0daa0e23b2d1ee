import type { NumberType } from '@waybill/formatting';
import { z } from 'zod';
import type { FieldPropertyDocument, LayoutDocument } from '../collections.ts';
import type { FieldProperty, Layout } from '../types.ts';

const numberTypes = ['number', 'currency', 'percentage'] as const satisfies readonly NumberType[];

/** An invalid part becomes undefined. The values of such a field are then exported as they are stored. */
const validationSchema = z.object({
  number: z
    .object({ number_type: z.enum(numberTypes), currency_code: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  options: z
    .array(z.object({ key: z.string(), label: z.string() }))
    .optional()
    .catch(undefined),
});

const propertySchema = z.object({
  name: z.string().min(1),
  name_alias: z.string().catch(''),
  field_type: z.string().catch('text'),
  is_hidden: z.boolean().catch(false),
  is_default: z.boolean().catch(false),
  type: z.enum(['contact', 'association']).catch('contact'),
  validation: validationSchema.catch({ number: undefined, options: undefined }),
});

/** Returns the field that a document describes, or undefined if it has no name. */
export function readFieldProperty(document: FieldPropertyDocument): FieldProperty | undefined {
  return propertySchema.safeParse(document).data;
}

const layoutSchema = z.object({
  layout_id: z.string().min(1),
  name: z.string().catch(''),
  is_default: z.boolean().catch(false),
  fields: z.array(z.string()),
});

/** Returns the layout that a document describes, or undefined if it has no id or no list of fields. */
export function readLayout(document: LayoutDocument): Layout | undefined {
  const read = layoutSchema.safeParse(document);
  if (!read.success) return undefined;
  const { layout_id: id, name, is_default, fields } = read.data;
  return { id, name: name === '' ? id : name, is_default, fields };
}
